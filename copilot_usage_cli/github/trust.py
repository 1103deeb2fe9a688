"""Whose certificates are trusted: those that SSL_CERT_FILE and SSL_CERT_DIR name, else those that the system trusts."""

import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from copilot_usage_cli.errors import UsageError

if TYPE_CHECKING:
    import ssl

_WITH_A_STORE_OF_ITS_OWN = frozenset({"darwin", "win32"})  # which OpenSSL can't read
_WELL_KNOWN = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  # their newest
    "/etc/ssl/ca-bundle.pem",  # SUSE
    "/etc/ssl/cert.pem",  # BSD
)
"""Where systems keep their certificates, for a Python whose OpenSSL was built to look elsewhere."""


def trusted(environ: Mapping[str, str]) -> "ssl.SSLContext":
    """Return a context that trusts the certificates of this machine, among them a company's own.

    Raises UsageError if the variables name what isn't there or holds no certificate.
    """
    file, folder = environ.get("SSL_CERT_FILE"), environ.get("SSL_CERT_DIR")
    if not file and not folder:
        return _system_store()
    try:
        if folder and not Path(folder).is_dir():
            raise FileNotFoundError
        return _trusting(file or None, folder or None)
    except OSError:  # as ssl.SSLError is
        named = " and ".join(name for name, value in (("SSL_CERT_FILE", file), ("SSL_CERT_DIR", folder)) if value)
        hint = f"check {named}, which must name existing certificates"
        raise UsageError("the certificates to trust can't be read", hint) from None


def nobody_trusted() -> "ssl.SSLContext":
    """Return a context that trusts nobody, which costs nothing: for what never uses TLS."""
    import ssl

    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _system_store() -> "ssl.SSLContext":
    import ssl

    if sys.platform in _WITH_A_STORE_OF_ITS_OWN:
        import truststore

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Not truststore, which here reads the certificates anew for each connection: 20 ms, one connection after another.
    paths = ssl.get_default_verify_paths()
    folder = paths.capath if paths.capath and any(Path(paths.capath).iterdir()) else None
    for file in (paths.cafile, *_WELL_KNOWN):
        if file and Path(file).is_file():
            with suppress(OSError):  # as ssl.SSLError is: it is empty, or broken
                return _trusting(file, folder)
    if folder is not None:
        return _trusting(None, folder)
    import certifi  # comes with httpx; a container may have no certificates of its own

    return _trusting(certifi.where(), None)


def _trusting(file: str | None, folder: str | None) -> "ssl.SSLContext":
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(file, folder)
    return context
