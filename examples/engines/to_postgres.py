"""Write the dataset as SQL that loads it into PostgreSQL, in one transaction (pip install pyarrow).

    python to_postgres.py DIR | psql -q -v ON_ERROR_STOP=1 -d DATABASE

The tables stand in the schema copilot_usage. Their former rows are there until all new ones are.
"""

import sys
from pathlib import Path

import pyarrow as pa
from pyarrow import csv, dataset

TYPES = {
    pa.string(): "text",
    pa.date32(): "date",
    pa.int64(): "bigint",
    pa.float64(): "double precision",
    pa.bool_(): "boolean",
    pa.timestamp("us", tz="UTC"): "timestamptz",
}

folder = Path(sys.argv[1])
out = pa.PythonFile(sys.stdout.buffer, mode="w")


def say(line: str) -> None:
    """Write a line of SQL."""
    out.write(f"{line}\n".encode())


say("BEGIN; CREATE SCHEMA IF NOT EXISTS copilot_usage;")
for table in sorted(each.name for each in folder.iterdir() if each.is_dir()):
    files = dataset.dataset(folder / table, format="parquet")
    name = f"copilot_usage.{table}"
    say(f"CREATE TABLE IF NOT EXISTS {name} ();")
    for field in files.schema:
        say(f"ALTER TABLE {name} ADD COLUMN IF NOT EXISTS {field.name} {TYPES[field.type]};")
    say(f"TRUNCATE {name};")
    if files.files:  # else all days were removed from the history
        say(f"COPY {name} ({', '.join(files.schema.names)}) FROM STDIN WITH (FORMAT csv);")
        for batch in files.to_batches():
            csv.write_csv(batch, out, csv.WriteOptions(include_header=False))
        say("\\.")
say("COMMIT;")
