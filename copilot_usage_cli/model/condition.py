"""A comparison of one number with another, by which a run can fail: `acceptance_rate<0.25`."""

import operator
import re
from collections.abc import Callable
from typing import NamedTuple

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
    "==": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}
_FORM = r"(?a:\s*([A-Za-z_]+)\s*(<=|>=|!=|==|<|>)\s*(-?(?:\d+\.?\d*|\.\d+)(?:e-?\d{1,3})?)(%?)\s*)"


class Condition(NamedTuple):
    """A column, an operator and a number, as a person wrote them in `text`."""

    column: str
    operator: str
    number: float
    text: str

    def __str__(self) -> str:
        return self.text

    @classmethod
    def parse(cls, text: str) -> "Condition":
        """Read `COLUMN<NUMBER`, also with <=, >, >=, == or !=; `25%` is 0.25. Raises ValueError with words."""
        found = re.fullmatch(_FORM, text)
        if found is None:
            raise ValueError(f"{text!r} is not a condition; write a column, <, <=, >, >=, == or != and a number")
        column, sign, number, percent = found.groups()
        return cls(column.lower(), sign, float(number) / (100 if percent else 1), text.strip())

    def holds(self, value: float) -> bool:
        """Return whether the condition is true of a value."""
        return _OPERATORS[self.operator](value, self.number)
