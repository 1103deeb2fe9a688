"""The demo's lists of what an owner has: an enterprise's Copilot seats, which name its organizations."""

import re
from datetime import date
from typing import Any

_SEATS = r"/enterprises/([^/]+)/copilot/billing/seats"
_ORGANIZATIONS = ("acme", "globex", "initech", "umbrella")


def answer(path: str, today: date) -> tuple[int, Any] | None:
    """Answer a request for a list: a status and a payload; None for a path that isn't one."""
    found = re.fullmatch(_SEATS, path)
    if found is None:
        return None
    if found[1].lower() == "missing":
        return 404, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"}
    seats = [
        {
            "created_at": f"{today.year - 1}-01-01T00:00:00Z",
            "assignee": {"id": user, "login": f"user-{user}"},
            "organization": {"login": _ORGANIZATIONS[user % len(_ORGANIZATIONS)]},
        }
        for user in range(2 * len(_ORGANIZATIONS))
    ]
    return 200, {"total_seats": len(seats), "seats": seats}
