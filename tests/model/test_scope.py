import pytest

from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.model.scope import Scope

ENTERPRISE = Scope("enterprise", "megacorp")
ORG = Scope("org", "acme")
TEAM = Scope("org", "acme", "core")
ENTERPRISE_TEAM = Scope("enterprise", "megacorp", "ent:core")


@pytest.mark.parametrize(
    ("scope", "name"),
    [
        (ENTERPRISE, "enterprise:megacorp"),
        (ORG, "org:acme"),
        (TEAM, "team:acme/core"),
        (ENTERPRISE_TEAM, "team:enterprise:megacorp/ent:core"),
    ],
)
def test_scopes_are_written_by_kind_and_slug(scope: Scope, name: str) -> None:
    assert str(scope) == name
    assert scope.is_named(name)
    assert scope.is_named(name.upper())


def test_no_two_kinds_share_a_name() -> None:
    scopes = [Scope(kind, "a", team) for kind in ("enterprise", "org") for team in (None, "a", "b")]
    assert len({str(scope) for scope in scopes}) == len(set(scopes)) == 6


def test_slugs_compare_without_case() -> None:
    assert Scope("org", "Acme") == ORG
    assert len({Scope("org", "Acme"), ORG, Scope("org", "ACME")}) == 1
    assert ORG != "org:acme"
    assert ORG != ENTERPRISE


@pytest.mark.parametrize("slug", ["a", "A-b_c.d", "0", "...", "-", "a" * 200])
def test_good_slugs(slug: str) -> None:
    assert str(Scope("org", slug)) == f"org:{slug}"
    assert str(Scope("enterprise", slug, slug)) == f"team:enterprise:{slug}/{slug}"


@pytest.mark.parametrize(
    "slug", ["", ".", "..", "a/b", "a b", "a\n", "\n", "a%2f", "a?", "a#", "é", "a\x00", "a:b", "[red]", "٣"]
)
def test_bad_owners_are_refused(slug: str) -> None:
    with pytest.raises(UsageError) as caught:
        Scope("org", slug)
    assert caught.value.message == f"{slug!r} is not a valid organization slug"
    assert caught.value.hint == (
        "a slug has letters, digits, -, _ and .; it is the last part of the organization's address on GitHub"
    )
    with pytest.raises(UsageError, match="is not a valid enterprise slug"):
        Scope("enterprise", slug, "core")


@pytest.mark.parametrize("slug", ["", ".", "..", "a/b", "a b", "a\n", "é", "a?b"])
def test_bad_teams_are_refused(slug: str) -> None:
    with pytest.raises(UsageError) as caught:
        Scope("org", "acme", slug)
    assert caught.value.message == f"{slug!r} is not a valid team slug"
    assert "letters, digits, -, _, : and .;" in caught.value.hint


@pytest.mark.parametrize("scope", [ENTERPRISE, ORG, TEAM, ENTERPRISE_TEAM, Scope("org", "Enterprise", "a:b")])
def test_a_scope_is_read_as_it_is_written(scope: Scope) -> None:
    assert str(Scope.parse(str(scope))) == str(scope)
    assert Scope.parse(str(scope).upper()) == scope


@pytest.mark.parametrize(
    "text", ["", "acme", "org", ":acme", "user:acme", "team:acme", "team:enterprise:megacorp", " org:acme", "org acme"]
)
def test_what_is_written_otherwise_is_no_scope(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        Scope.parse(text)
    assert caught.value.message == f"{text!r} is not a valid scope"
    assert caught.value.hint == "write enterprise:megacorp, org:acme, team:acme/core or team:enterprise:megacorp/core"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("org:", "'' is not a valid organization slug"),
        ("org:a/b", "'a/b' is not a valid organization slug"),
        ("org:enterprise:a", "'enterprise:a' is not a valid organization slug"),
        ("enterprise:a b", "'a b' is not a valid enterprise slug"),
        ("team:acme/", "'' is not a valid team slug"),
        ("team:/core", "'' is not a valid organization slug"),
        ("team:acme/a/b", "'a/b' is not a valid team slug"),
        ("team:org:acme/core", "'org:acme' is not a valid organization slug"),
        ("team:enterprise:/core", "'' is not a valid enterprise slug"),
    ],
)
def test_a_bad_slug_in_a_scope_is_named(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        Scope.parse(text)
    assert caught.value.message == message
