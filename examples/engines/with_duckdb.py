"""Answer a question with DuckDB: python with_duckdb.py DIR weekly|languages|teams (pip install duckdb)."""

import csv
import sys
from pathlib import Path

import duckdb

folder, question = sys.argv[1:]
connection = duckdb.connect()
for table in ("days", "breakdown"):
    connection.read_parquet(f"{folder}/{table}/*/*.parquet", hive_partitioning=True).create_view(table)
answer = connection.sql(Path(__file__).with_name(f"{question}.sql").read_text("utf-8"))
writer = csv.writer(sys.stdout, lineterminator="\n")
writer.writerow(answer.columns)
writer.writerows(answer.fetchall())
