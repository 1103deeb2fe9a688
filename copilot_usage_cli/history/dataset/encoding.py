"""Make Parquet of the dataset's rows: typed by the layout, the same bytes for the same rows."""

from abc import ABC, abstractmethod
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
from pyarrow import csv, parquet

from copilot_usage_cli.history.dataset.layout import BREAKDOWN, DAY, SERIES, TABLES, Column, Kind
from copilot_usage_cli.history.dataset.reading import DayHeld
from copilot_usage_cli.history.days import Row, Series

pa.enable_signal_handlers(False)  # the program has its own

_TYPES: dict[Kind, Any] = {
    "text": pa.string(),
    "count": pa.int64(),
    "number": pa.float64(),
    "moment": pa.timestamp("us", tz="UTC"),
    "flag": pa.bool_(),
}
_DICTIONARY = pa.dictionary(pa.int32(), pa.string())
_CODED = pa.dictionary(pa.int32(), pa.int32())
_MICROSECONDS = 1_000_000
_ROWS_AT_ONCE = 1 << 16  # as Python's objects
_TEXT_AT_ONCE = 4 << 20  # characters; 140,000 rows, a row group as engines like it


class _Writer(ABC):
    """Writes one file of a table into memory, a row group at a time, each of the runs added meanwhile."""

    def __init__(self, name: str) -> None:
        self._columns = TABLES[name]
        self._sink = pa.BufferOutputStream()
        kinds = {**_TYPES, "text": _DICTIONARY} if name == BREAKDOWN else _TYPES
        columns = [(column, kinds[kind]) for column, kind in self._columns]
        self._schema = pa.schema([*((column, _DICTIONARY) for column in SERIES), (DAY, pa.date32()), *columns])
        # Arrow's own schema would make categories of the names for some readers, and strings for others.
        self._writer = parquet.ParquetWriter(self._sink, self._schema, compression="zstd", store_schema=False)
        self._runs: list[tuple[Series, int]] = []  # and how many rows in a row are of it
        self._days = array("i")  # of each row
        self._is_empty = True

    def close(self) -> bytes:
        """Return the file."""
        self._flush()
        if self._is_empty:  # not all readers can do without any row group
            self._writer.write_table(self._schema.empty_table())
        self._writer.close()
        data: bytes = self._sink.getvalue().to_pybytes()
        return data

    @abstractmethod
    def _flush(self) -> None:
        """Write what was added."""

    def _count(self, series: Series, rows: int) -> None:
        """Note that the next rows are of a series."""
        if self._runs and self._runs[-1][0] is series:
            rows += self._runs.pop()[1]
        self._runs.append((series, rows))

    def _write(self, columns: Sequence[Any]) -> None:
        days = pa.Array.from_buffers(pa.date32(), len(self._days), [None, pa.py_buffer(self._days)])
        arrays = [*_series_columns(self._runs), days, *columns]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema), row_group_size=len(days))
        self._runs.clear()
        self._days = array("i")
        self._is_empty = False


class RowWriter(_Writer):
    """Writes rows that are tuples of a table's columns."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._rows: list[Row] = []

    def add(self, series: Series, days: Sequence[int], rows: Sequence[Row]) -> None:
        """Add rows of a series, with the day of each."""
        if rows:
            self._count(series, len(rows))
            self._days.extend(days)
            self._rows.extend(rows)
            if len(self._rows) >= _ROWS_AT_ONCE:
                self._flush()

    def _flush(self) -> None:
        if self._rows:
            columns = zip(self._columns, zip(*self._rows, strict=True), strict=True)
            self._write([_to_array(column, values) for column, values in columns])
            self._rows.clear()


class CellWriter(_Writer):
    """Writes the breakdown, whose columns come as JSON arrays of integers.

    `names` are the texts of the numbers that stand for languages and editors.
    """

    def __init__(self, names: Mapping[int, str | None]) -> None:
        super().__init__(BREAKDOWN)
        self._names = names
        self._parts: list[tuple[str, ...]] = []
        self._size = 0

    def add(self, series: Series, days: Sequence[DayHeld], columns: tuple[str, ...]) -> None:
        """Add the columns of a series' days, of which each says how many rows it has; none where no day has any."""
        if columns:
            before = len(self._days)
            for each in days:
                self._days.extend([each.day] * (each.cells or 0))
            self._count(series, len(self._days) - before)
            self._parts.append(columns)
            self._size += sum(map(len, columns))
            if self._size >= _TEXT_AT_ONCE:
                self._flush()

    def _flush(self) -> None:
        if self._parts:
            columns = []
            for (_, kind), texts in zip(self._columns, zip(*self._parts, strict=True), strict=True):
                numbers = _integers(texts, _CODED if kind == "text" else _TYPES[kind])
                columns.append(self._named(numbers) if kind == "text" else numbers)
            self._write(columns)
            self._parts.clear()
            self._size = 0

    def _named(self, numbers: Any) -> Any:
        names = [_valid(self._names[number]) for number in numbers.dictionary.to_pylist()]
        found = pa.DictionaryArray.from_arrays(numbers.indices, pa.array(names, pa.string()))
        if len(set(names)) < len(names):  # an escape that is a name itself; Arrow writes no name twice
            return found.dictionary_decode().dictionary_encode()
        return found


def _integers(arrays: Iterable[str], kind: Any) -> Any:
    """Read the numbers of JSON arrays, which aren't empty, as one column."""
    data = ",".join([text[1:-1] for text in arrays]).replace(",", "\n").encode("ascii")
    table = csv.read_csv(
        pa.py_buffer(data),
        # One block, so that each name has one code in it.
        csv.ReadOptions(use_threads=False, column_names=["number"], block_size=len(data) + 1),
        csv.ParseOptions(quote_char=False),
        csv.ConvertOptions(column_types={"number": kind}, null_values=["null"]),
    )
    return table.column(0).chunk(0)


def _series_columns(runs: Iterable[tuple[Series, int]]) -> list[Any]:
    """Return the columns of SERIES."""
    fields: list[tuple[tuple[str | None, ...], int]] = [(_fields(series), length) for series, length in runs]
    return [_repeated([(values[n], length) for values, length in fields]) for n in range(len(SERIES))]


def _fields(series: Series) -> tuple[str | None, ...]:
    """Return the values of SERIES, in lower case: GitHub compares them without case, and engines with it."""
    scope = series.scope
    owner = scope.owner.lower()
    enterprise, organization = (owner, None) if scope.kind == "enterprise" else (None, owner)
    kind = scope.kind if scope.team is None else "team"
    team = None if scope.team is None else scope.team.lower()
    return series.host.lower(), kind, enterprise, organization, team, series.source


def _repeated(runs: Sequence[tuple[str | None, int]]) -> Any:
    """Return a column of values, each repeated so often."""
    codes: dict[str, int] = {}
    parts = []
    for value, length in runs:
        code = None if value is None else codes.setdefault(value, len(codes))
        parts.append(pa.repeat(pa.scalar(code, pa.int32()), length))
    return pa.DictionaryArray.from_arrays(pa.concat_arrays(parts), pa.array(list(codes), pa.string()))


def _to_array(column: Column, values: Sequence[Any]) -> Any:
    if column.kind == "moment":
        values = [None if value is None else value * _MICROSECONDS for value in values]
    elif column.kind == "text":
        values = [_valid(value) for value in values]
    return pa.array(values, _TYPES[column.kind])


def _valid(text: str | None) -> str | None:
    """Return a text that has a UTF-8 form, half a character written as its escape, as in all formats."""
    return None if text is None else text.encode("utf-8", "backslashreplace").decode()
