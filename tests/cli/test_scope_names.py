import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.program import Run

from copilot_usage_cli.cli.scope_names import arguments_of, read_scope, read_team
from copilot_usage_cli.errors import UsageError
from copilot_usage_cli.model.scope import Scope

ENTERPRISE, ORG = Scope("enterprise", "mega"), Scope("org", "acme")
TEAM, ENTERPRISE_TEAM = Scope("org", "acme", "core"), Scope("enterprise", "mega", "ent:core")
FORMS = {
    "acme": ORG,
    "@acme": ORG,
    "org:acme": ORG,
    "ORG:acme": ORG,
    "https://github.com/acme": ORG,
    "https://github.com/acme/": ORG,
    "http://www.github.com/acme?tab=repositories#top": ORG,
    "github.com/acme": ORG,
    "https://github.com/orgs/acme": ORG,
    "https://github.com/orgs/acme/people": ORG,
    "acme/core": TEAM,
    "@acme/core": TEAM,
    "team:acme/core": TEAM,
    "https://github.com/orgs/acme/teams/core": TEAM,
    "https://github.com/orgs/acme/teams/core/members": TEAM,
    "enterprise:mega": ENTERPRISE,
    "https://github.com/enterprises/mega": ENTERPRISE,
    "https://github.com/enterprises/mega/settings/profile": ENTERPRISE,
    "team:enterprise:mega/ent:core": ENTERPRISE_TEAM,
    "enterprise:mega/ent:core": ENTERPRISE_TEAM,
    "https://github.com/enterprises/mega/teams/ent:core": ENTERPRISE_TEAM,
}


@pytest.mark.parametrize("text", [*FORMS, *(f"{form}/" for form in FORMS if "?" not in form)])
def test_a_scope_is_read_in_every_form(text: str) -> None:
    scope = FORMS.get(text) or FORMS[text.rstrip("/")]
    assert read_scope(text) == scope
    kind = scope.kind if scope.team is None else "team"
    assert read_scope(text, kind) == scope
    for other in {"enterprise", "org", "team"} - {kind}:
        if text.rstrip("/") in {"acme", "@acme"}:
            continue
        with pytest.raises(UsageError, match=r" is an? \w+, not an? \w+$") as caught:
            read_scope(text, other)  # type: ignore[arg-type]
        assert caught.value.hint == f"write `copilot-usage {arguments_of(scope)}`"


def test_a_slug_alone_is_of_the_kind_that_the_command_names() -> None:
    assert read_scope("mega", "enterprise") == ENTERPRISE
    assert read_team("core", "acme", None) == read_team("core/", "acme/", None) == TEAM
    assert read_team("ent:core", None, "mega") == ENTERPRISE_TEAM


def test_the_owner_of_a_team_may_be_in_any_form() -> None:
    for text, scope in FORMS.items():
        if scope == ORG:
            assert read_team("core", text, None) == TEAM
        if scope == ENTERPRISE:
            assert read_team("ent:core", None, text) == ENTERPRISE_TEAM


def test_a_team_that_names_its_owner_needs_no_option_and_takes_no_other() -> None:
    assert read_team("acme/core", None, None) == read_team("@ACME/core", "acme", None) == TEAM
    for org, enterprise in (("globex", None), (None, "acme"), ("acme", "acme")):
        with pytest.raises(UsageError, match="'acme/core' says whose team it is, and the options say otherwise"):
            read_team("acme/core", org, enterprise)


@pytest.mark.parametrize(("org", "enterprise"), [(None, None), ("acme", "mega")])
def test_a_team_needs_one_owner(org: str | None, enterprise: str | None) -> None:
    with pytest.raises(UsageError, match=r"^a team needs exactly one of --org and --enterprise$"):
        read_team("core", org, enterprise)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("ent:core", "'ent:core' is a team, but of which enterprise?", "write team:enterprise:ENTERPRISE/ent:core"),
        (
            "/acme",
            "'/acme' names no organization",
            "write org:acme, enterprise:megacorp, team:acme/core or team:enterprise:megacorp/ent:core",
        ),
        (
            "https://octo.ghe.com/orgs/acme",
            "'https://octo.ghe.com/orgs/acme' is on octo.ghe.com, and github.com is asked",
            "write org:acme --hostname octo.ghe.com",
        ),
        (
            "https://me:secret@github.com/acme/repo",
            "'https://github.com/acme/repo' is not the address of an enterprise, an organization or a team",
            "write org:acme, enterprise:megacorp, team:acme/core or team:enterprise:megacorp/ent:core",
        ),
        (
            "https://github.com",
            "'https://github.com' is not the address of an enterprise, an organization or a team",
            "write org:acme, enterprise:megacorp, team:acme/core or team:enterprise:megacorp/ent:core",
        ),
    ],
)
def test_what_names_no_scope_says_what_to_write(text: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_scope(text)
    assert (caught.value.message, caught.value.hint) == (message, hint)


@given(st.text(st.sampled_from("acme:/@.ent org-https://github.com"), max_size=30))
def test_reading_a_scope_raises_nothing_but_usage_errors(text: str) -> None:
    try:
        scope = read_scope(text)
    except UsageError:
        return
    assert read_scope(str(scope)) == scope


def test_an_address_is_of_the_host_that_is_asked(call: Run) -> None:
    ours, theirs = "https://octo.ghe.com/orgs/acme/teams/core", "github.com/orgs/acme/teams/core"
    for args, env in (
        (("--hostname", "octo.ghe.com"), {}),
        (("--api-url", "https://api.octo.ghe.com"), {}),
        ((), {"GH_HOST": "octo.ghe.com"}),
    ):
        done = call("team", theirs, *args, env=env)
        hint = "write team:acme/core --hostname github.com"
        error = f"{theirs if '//' in theirs else 'https://' + theirs!r} is on github.com, and octo.ghe.com is asked"
        assert (done.code, done.err) == (2, f"copilot-usage: error: {error}\nhint: {hint}\n")
        assert "no token for octo.ghe.com" in call("team", ours, *args, env=env).err
        assert "no token for octo.ghe.com" in call("team", ours.removeprefix("https://"), *args, env=env).err
    assert call("org", "https://github.com/organizations/acme/settings/copilot", "--demo").code == 0
