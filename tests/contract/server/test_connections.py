import pytest

from ledger import REDIRECT
from syncline.v1 import integration_pb2 as pb
from syncline_client import Client, FailedPrecondition, InvalidArgument, NotFound
from wiring import Served

NAME = "workspaces/acme/connections/ledger"


def consent(server: Served, client: Client, *organisations: str) -> pb.Connection:
    """Connect with a person who approves these organisations."""
    started = client.integrations.StartConnection(
        pb.StartConnectionRequest(
            parent="workspaces/acme", provider="ledger", redirect_uri=REDIRECT
        )
    )
    code = server.wired.ledger.consent(started.authorization_url, "mia", *organisations)
    request = pb.CompleteConnectionRequest(state=started.state, code=code)
    return client.integrations.CompleteConnection(request).connection


def test_connection_exists_before_anybody_connects(client: Client) -> None:
    """Every installed provider has a connection in every workspace, NOT_CONNECTED at first."""
    found = client.integrations.GetConnection(pb.GetConnectionRequest(name=NAME)).connection

    assert found.name == NAME
    assert found.provider_title == "Ledger"
    assert found.state == pb.Connection.STATE_NOT_CONNECTED
    assert not found.HasField("organisation")
    assert found.etag


def test_one_approved_organisation_is_connected(server: Served, client: Client) -> None:
    """Where exactly one organisation was approved, completing connects it."""
    found = consent(server, client, "kauri")

    assert found.state == pb.Connection.STATE_CONNECTED
    assert (found.organisation.id, found.organisation.display_name) == ("kauri", "Kauri")
    assert found.HasField("connect_time")


def test_person_chooses_among_several(server: Served, client: Client) -> None:
    """Where several were approved, the connection waits with candidates for a choice."""
    waiting = consent(server, client, "kauri", "rimu")
    assert waiting.state == pb.Connection.STATE_NOT_CONNECTED
    assert [each.id for each in waiting.candidates] == ["kauri", "rimu"]
    assert waiting.HasField("candidates_expire_time")

    request = pb.SelectOrganisationRequest(name=NAME, organisation="rimu")
    chosen = client.integrations.SelectOrganisation(request).connection

    assert (chosen.state, chosen.organisation.id) == (pb.Connection.STATE_CONNECTED, "rimu")


def test_disconnecting_twice_succeeds(server: Served, client: Client) -> None:
    """Disconnect ends a connection and is idempotent."""
    consent(server, client, "kauri")

    for _ in range(2):
        found = client.integrations.Disconnect(pb.DisconnectRequest(name=NAME)).connection
        assert found.state == pb.Connection.STATE_NOT_CONNECTED


def test_connections_are_listed(client: Client) -> None:
    """A workspace's connections come by name, one for each provider."""
    request = pb.ListConnectionsRequest(parent="workspaces/acme")

    answer = client.integrations.ListConnections(request)

    assert [each.name for each in answer.connections] == [NAME]
    assert answer.next_page_token == ""


def test_provider_that_is_not_installed_is_not_found(client: Client) -> None:
    """A connection of an unknown provider does not exist."""
    name = "workspaces/acme/connections/nobody"
    with pytest.raises(NotFound) as refusal:
        client.integrations.GetConnection(pb.GetConnectionRequest(name=name))

    assert refusal.value.resource == name


def test_unknown_state_is_refused(client: Client) -> None:
    """A state nobody was given is FAILED_PRECONDITION, and nothing is stored."""
    with pytest.raises(FailedPrecondition) as refusal:
        client.integrations.CompleteConnection(
            pb.CompleteConnectionRequest(state="made-up", code="code")
        )

    assert refusal.value.reason == "STATE_UNKNOWN"


def test_every_malformed_field_is_told_at_once(client: Client) -> None:
    """INVALID_ARGUMENT lists each violation with its field."""
    with pytest.raises(InvalidArgument) as refusal:
        client.integrations.StartConnection(pb.StartConnectionRequest(parent="acme"))

    assert [each.field for each in refusal.value.violations] == [
        "parent",
        "provider",
        "redirect_uri",
    ]


@pytest.mark.parametrize("both", [True, False])
def test_way_back_carries_exactly_one_answer(client: Client, *, both: bool) -> None:
    """A redirect without code and error, or with both, is told together with its missing state."""
    answers = {"code": "c", "error": "access_denied"} if both else {}

    with pytest.raises(InvalidArgument) as refusal:
        client.integrations.CompleteConnection(pb.CompleteConnectionRequest(**answers))

    assert [each.field for each in refusal.value.violations] == ["state", "code"]
