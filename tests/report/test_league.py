"""What is said of several scopes, and in which order they stand."""

from __future__ import annotations

from itertools import permutations
from random import Random

import pytest

from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.report.league import rank, why_not_added
from copilot_usage_cli.report.notes_of_many import NotesOfMany

A, B, C, D = (Scope("org", name) for name in "abcd")
TEAM, OTHER = Scope("org", "a", "core"), Scope("org", "a", "web")


def test_notes_are_said_once_the_weightiest_first_in_any_order_of_arrival() -> None:
    given = {A: ["heavy", "light"], B: ["heavy", "only b", "light"], C: ["light"]}
    for order in permutations(given):
        notes = NotesOfMany()
        for scope in order:
            notes.add(scope, given[scope])
        assert notes.of([A, B, C]) == ["light", "org:a, org:b: heavy", "org:b: only b"]
        assert notes.of([B, A]) == ["heavy", "light", "org:b: only b"]  # what all of those shown have names none


def test_many_scopes_of_a_note_are_counted() -> None:
    notes = NotesOfMany()
    scopes = [Scope("org", f"org-{n}") for n in range(10)]
    for scope in scopes[1:]:
        notes.add(scope, ["so"])
    assert notes.of(scopes) == ["org:org-1, org:org-2, org:org-3 and 6 more: so"]


def test_missing_days_of_single_scopes_are_one_note() -> None:
    notes = NotesOfMany()
    notes.add(A, ["heavy", "no data for 1 day: 2026-10-27", "light"])
    notes.add(B, ["no data for 2 days: 2026-10-01 to 2026-10-02", "light"])
    notes.add(C, ["light"])
    missing = "org:b 2026-10-01 to 2026-10-02, org:a 2026-10-27"
    found = notes.of([A, B, C])
    assert sorted(found) == sorted(["org:a: heavy", f"days without data in 2 of 3 scopes: {missing}", "light"])
    notes = NotesOfMany()
    for scope in (A, B):
        notes.add(scope, ["no data for 1 day: 2026-10-27 (GitHub keeps 28 days)"])
    assert notes.of([A, B]) == ["no data for 1 day: 2026-10-27 (GitHub keeps 28 days)"]


def test_ranks_put_the_largest_first_and_the_unknown_last() -> None:
    values = {A: 3, B: 0.5, C: None, D: 3, TEAM: "text"}
    expected = [A, D, B, C, TEAM]
    for seed in range(5):
        mixed = list(values)
        Random(seed).shuffle(mixed)
        assert sorted(mixed, key=lambda scope: rank(scope, values[scope])) == expected


@pytest.mark.parametrize(
    ("scopes", "words"),
    [([A], ""), ([TEAM], ""), ([A, TEAM], "a person"), ([A, B], "a person"), ([TEAM, OTHER], "teams overlap")],
)
def test_why_numbers_do_not_add_up_is_said_where_somebody_might_add(scopes: list[Scope], words: str) -> None:
    found = why_not_added(scopes)
    assert len(found) == bool(words)
    assert not words or found[0].startswith(words)
