"""Set a sheet beside the same of another period: each number, and what it was before. No I/O."""

from collections.abc import Mapping

from copilot_usage_cli.report.view import PREFIX, Field, Row, Sheet

_TIMES = frozenset({"day", "source"})


def compare_sheets(now: Sheet, before: Sheet, times: Mapping[str, Mapping[str, str]]) -> Sheet:
    """Join the rows of two sheets of the same fields on what names them; those that only one has are there, too.

    `times` give the earlier key of time for each one of now's, by the name of the field: `day`, `week` or `month`. Each
    number is followed by what it was, as are texts that tell a time; names and other texts are there once.
    """
    time = next((field.name for field in now.fields if field.kind == "name" and field.name in times), "")
    names = [field.name for field in now.fields if field.kind == "name" and field.name != time]
    fields: list[Field] = []
    for field in now.fields:
        fields.append(field)
        if field.kind not in {"name", "text"} or field.name in {time, *_TIMES}:
            fields.append(_previous(field))
    paired = {old: new for new, old in times.get(time, {}).items()}
    earlier = {(paired.get(str(row.get(time)), ""), *(row[name] for name in names)): row for row in before.rows}
    rows = []
    for row in now.rows:
        was = earlier.pop((str(row.get(time)) if time else "", *(row[name] for name in names)), {})
        rows.append(_joined(fields, row, was))
    rows += [_joined(fields, {name: was[name] for name in names}, was) for was in earlier.values()]
    footer = None if now.footer is None else _joined(fields, now.footer, before.footer or {})
    return now._replace(fields=tuple(fields), rows=rows, footer=footer)


def _previous(field: Field) -> Field:
    kind = "text" if field.kind == "name" else field.kind
    header = f"previous\n{field.header}" if field.header and kind == "text" else field.header
    return field._replace(name=PREFIX + field.name, header=header, kind=kind)


def _joined(fields: list[Field], row: Row, was: Row) -> Row:
    joined: Row = {}
    for field in fields:
        if field.name.startswith(PREFIX):
            joined[field.name] = was.get(field.name.removeprefix(PREFIX))
        else:
            joined[field.name] = row.get(field.name, was.get(field.name) if _is_of_both(field) else None)
    return joined


def _is_of_both(field: Field) -> bool:
    return field.kind == "text" and field.name not in _TIMES
