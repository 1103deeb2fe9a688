"""The figures F1 to F17 of what faults may do to the program: each is one function, and one line when it is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faults.figures import bombs, data, disk, durability, fuzz, leaks, manners, network

if TYPE_CHECKING:
    from collections.abc import Callable

    from faults.figures.ground import Figure, Ground

FIGURES: dict[str, Callable[[Ground], Figure]] = {
    "F1": network.transient_faults,
    "F2": network.permanent_statuses,
    "F3": network.hostile_limits,
    "F4": network.cut_gzip,
    "F5": bombs.memory_and_time,
    "F6": network.dripping_answers,
    "F7": leaks.secrets_in_output,
    "F8": data.code_points,
    "F9": fuzz.fuzzed_payloads,
    "F10": durability.killed_syncs,
    "F11": durability.killed_writers,
    "F12": durability.crowded_history,
    "F13": durability.first_runs,
    "F14": disk.failing_calls,
    "F15": disk.full_disks,
    "F16": data.locales,
    "F17": manners.failed_runs,
}
