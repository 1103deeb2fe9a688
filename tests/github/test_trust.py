from __future__ import annotations

import ssl
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.github import trust
from copilot_usage_cli.github.trust import trusted

if TYPE_CHECKING:
    from pathlib import Path


def subjects(context: ssl.SSLContext) -> list[str]:
    return [str(each["subject"]) for each in context.get_ca_certs()]


def test_the_variables_come_first(ca_file: Path) -> None:
    context = trusted({"SSL_CERT_FILE": str(ca_file)})
    assert len(subjects(context)) == 1
    assert "trustme" in subjects(context)[0]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert subjects(trusted({"SSL_CERT_DIR": str(ca_file.parent)})) == []  # read when a certificate is looked for


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"SSL_CERT_FILE": "/nowhere"}, "SSL_CERT_FILE"),
        ({"SSL_CERT_DIR": "/nowhere"}, "SSL_CERT_DIR"),
        ({"SSL_CERT_FILE": "/dev/null", "SSL_CERT_DIR": "/"}, "SSL_CERT_FILE and SSL_CERT_DIR"),
    ],
)
def test_what_names_no_certificates_is_named(environ: dict[str, str], named: str) -> None:
    with pytest.raises(UsageError) as refused:
        trusted(environ)
    assert refused.value.hint == f"check {named}, which must name existing certificates"


def found_by_openssl(monkeypatch: pytest.MonkeyPatch, file: str | None, folder: str | None) -> None:
    paths = SimpleNamespace(cafile=file, capath=folder)
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths)


def test_the_systems_store_is_where_openssl_or_the_system_keeps_it(
    monkeypatch: pytest.MonkeyPatch, ca_file: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr(trust, "_WELL_KNOWN", ())
    found_by_openssl(monkeypatch, str(ca_file), None)
    assert "trustme" in str(subjects(trusted({})))
    monkeypatch.setattr(trust, "_WELL_KNOWN", (str(tmp_path / "none"), str(ca_file)))
    found_by_openssl(monkeypatch, None, None)
    assert "trustme" in str(subjects(trusted({})))


@pytest.mark.parametrize("content", ["", "-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n"])
def test_a_broken_store_gives_way_to_the_next(
    content: str, monkeypatch: pytest.MonkeyPatch, ca_file: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    broken.write_text(content)
    found_by_openssl(monkeypatch, str(broken), None)
    monkeypatch.setattr(trust, "_WELL_KNOWN", (str(ca_file),))
    assert "trustme" in str(subjects(trusted({})))
    monkeypatch.setattr(trust, "_WELL_KNOWN", ())
    assert len(subjects(trusted({}))) > 50


def test_a_machine_without_certificates_has_those_of_mozilla(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(trust, "_WELL_KNOWN", ())
    found_by_openssl(monkeypatch, None, str(tmp_path))
    assert len(subjects(trusted({}))) > 50


def test_macos_and_windows_are_asked_through_truststore(monkeypatch: pytest.MonkeyPatch) -> None:
    truststore = pytest.importorskip("truststore", reason="is installed on macOS and Windows only, and by [dev]")
    monkeypatch.setattr("sys.platform", "darwin")
    assert type(trusted({})) is truststore.SSLContext
