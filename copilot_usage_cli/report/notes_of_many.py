"""Notes of many scopes, each once: one that is about all of them without their names. No I/O."""

from collections.abc import Iterable, Sequence

from copilot_usage_cli.model.scope import Scope
from copilot_usage_cli.text import listed, plural

_MISSING = "no data for "


class NotesOfMany:
    """Notes of many reports: each once, with the scopes that it is about."""

    def __init__(self) -> None:
        self._scopes: dict[str, set[Scope]] = {}
        self._places: dict[str, int] = {}

    def add(self, scope: Scope, notes: Iterable[str]) -> None:
        """Add the notes of a scope's report, the weightiest first."""
        for place, note in enumerate(notes):
            self._scopes.setdefault(note, set()).add(scope)
            self._places[note] = min(place, self._places.get(note, place))

    def of(self, scopes: Sequence[Scope]) -> list[str]:
        """Write the notes of a report of these scopes: the weightiest first, and of these what is about most.

        Missing days of single scopes are one note.
        """
        place = {scope: number for number, scope in enumerate(scopes)}
        about = {note: sorted(place.keys() & found, key=place.__getitem__) for note, found in self._scopes.items()}
        ordered = sorted(
            (note for note in about if about[note]),
            key=lambda note: (self._places[note], -len(about[note]), place[about[note][0]], note),
        )
        found: list[str] = []
        missing: list[str] = []
        at = 0
        for note in ordered:
            if len(about[note]) == len(place):
                found.append(note)
            elif note.startswith(_MISSING):
                at = at if missing else len(found)
                missing += [f"{scope} {note.partition(': ')[2]}" for scope in about[note]]
            else:
                found.append(f"{listed(list(map(str, about[note])))}: {note}")
        if missing:
            of_all = plural(len(place), "scope")
            every = "both scopes" if len(place) == 2 else f"all {of_all}"
            gaps = every if len(missing) == len(place) else f"{len(missing)} of {of_all}"
            found.insert(at, f"days without data in {gaps}: {listed(missing)}")
        return found
