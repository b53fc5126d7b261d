import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncline_server.core import names
from syncline_server.core.names import Connection, Scope

WORKSPACES = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True)
PROVIDERS = st.from_regex(r"[a-z][a-z0-9_]{0,62}", fullmatch=True)
IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,99}", fullmatch=True)


@settings(deadline=None, max_examples=60)
@given(WORKSPACES, PROVIDERS, IDS)
def test_names_are_parsed_back(workspace: str, provider: str, identifier: str) -> None:
    """Whatever is called something is found again by that name."""
    connection = Connection(workspace, provider)
    run = names.record(workspace, "runs", identifier)

    assert names.parse_workspace(f"workspaces/{workspace}") == workspace
    assert names.parse_connection(str(connection)) == connection
    assert names.parse_settings(f"{connection}/settings") == connection
    assert names.parse_record(run, "runs") == (workspace, identifier)
    assert names.parse_under_connection(f"{connection}/things/{identifier}", "things") == (
        connection,
        identifier,
    )
    assert str(Scope(connection, "items")) == f"{connection}/modules/items"
    for name in (f"workspaces/{workspace}", str(connection), run):
        assert names.workspace_of(name) == workspace


@pytest.mark.parametrize(
    "name",
    [
        "",
        "acme",
        "workspaces/",
        "workspaces/Acme",
        "workspaces/-acme",
        "workspaces/acme-",
        "workspaces/" + "a" * 64,
        "workspaces/acme/",
        "workspaces/acme\n",
        "workspaces/acme/connections",
        "workspaces/acme/connections/Xero",
        "workspaces/acme/connections/xero\n",
        "workspaces/acme/connections/xero/settings",
        "x/workspaces/acme/connections/xero",
        "workspaces/a/b/connections/xero",
    ],
)
def test_malformed_connection_name_is_none(name: str) -> None:
    """Anything that is not exactly a connection's name is no connection."""
    assert names.parse_connection(name) is None


@pytest.mark.parametrize("name", ["", "workspace/acme", "workspaces/Acme/runs/1", "workspaces/a_b"])
def test_name_outside_any_workspace_has_none(name: str) -> None:
    """A name that does not begin with a workspace's lies in none."""
    assert names.workspace_of(name) is None


def test_collections_are_told_apart() -> None:
    """A run's name is no customer's name."""
    assert names.parse_record("workspaces/acme/runs/1", "customers") is None
