"""Which target a person means by a name or an address."""

import re

from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.history.dataset.local_folder import LocalFolder
from copilot_usage_cli.history.dataset.remote_folder import RemoteFolder
from copilot_usage_cli.history.dataset.target import Target, not_valid, shown

_FORMS = {
    "s3": "s3://BUCKET/FOLDER",
    "gs": "gs://BUCKET/FOLDER",
    "abfs": "abfs://ACCOUNT.dfs.core.windows.net/CONTAINER/FOLDER",
    "abfss": "abfss://ACCOUNT.dfs.core.windows.net/CONTAINER/FOLDER",
}


def open_target(address: str) -> Target:
    """Return the target of a folder's name or an address; raises UsageError for an address of another kind."""
    if not address.strip():
        raise UsageError("a dataset needs a folder, and its name is empty", "name one, such as copilot-data")
    scheme, colon, rest = address.partition(":")
    form = _FORMS.get(scheme.lower())
    if colon and form is not None:
        if not rest.startswith("//") or "#" in rest:
            raise not_valid(address, form)
        return RemoteFolder(f"{scheme.lower()}:{rest}", form)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", address):
        raise UsageError(
            f"{shown(address)}: {scheme}:// is not a kind of address that an export can write to",
            f"name a folder, or an address that begins with {', '.join(f'{each}://' for each in _FORMS)}",
        )
    return LocalFolder(address)
