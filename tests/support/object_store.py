"""An S3 on loopback, which can be told to fail; run as a program, it is that server.

The first number that it prints is its port. Of all requests that write, so many succeed as were last PUT to
/_writes/N, and all if nothing was.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

DENIED = b"<Error><Code>AccessDenied</Code><Message>no more writing</Message></Error>"


class Failing:
    """The server's application, which refuses to write after so many requests."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self._left: int | None = None

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path, writes = environ["PATH_INFO"], environ["REQUEST_METHOD"] in {"PUT", "POST", "DELETE"}
        if path.startswith("/_writes/"):
            self._left = int(path.rpartition("/")[2])
            start("204 No Content", [])
            return []
        if writes and self._left is not None:
            self._left -= 1
            if self._left < 0:
                start("403 Forbidden", [("Content-Type", "application/xml"), ("Content-Length", str(len(DENIED)))])
                return [DENIED]
        return self._app(environ, start)


def serve() -> None:
    """Serve until the process is ended."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, Failing(DomainDispatcherApplication(create_backend_app)), threaded=True)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    serve()
