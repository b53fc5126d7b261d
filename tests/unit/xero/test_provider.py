import httpx
import pytest

from syncline_sdk import AccessLost, Identity, Organisation, RetryLater
from syncline_sdk.hosts import mistakes_in, origins_of, token_origins_of
from syncline_sdk.testing import Script, Step, answer
from syncline_xero.provider import xero_provider

ME = Identity(subject="user-1", event="event-2")
PROVIDER = xero_provider()


def client(script: Script) -> httpx.Client:
    """Return a client as the server hands it out, relocated to another origin."""
    return httpx.Client(transport=script, base_url="http://127.0.0.1:8181/api.xro/2.0/")


def row(name: str, **members: object) -> dict[str, object]:
    """Return a row of /connections."""
    return {
        "id": f"connection-{name}",
        "authEventId": "event-1",
        "tenantId": f"tenant-{name}",
        "tenantType": "ORGANISATION",
        "tenantName": name,
        "createdDateUtc": "2026-10-01T02:11:09.5165400",
    } | members


def cut(_request: httpx.Request) -> httpx.Response:
    """Break the connection."""
    raise httpx.ConnectError("no route")


def test_organisations_are_listed_with_what_was_approved_now() -> None:
    """Only organisations count, and those of this consent are told apart by their event."""
    rows = [
        row("Old"),
        row("New", authEventId="EVENT-2"),
        row("Firm", tenantType="PRACTICE"),
        row("Lost", tenantId=None),
    ]
    script = Script(answer(json=rows))

    found = PROVIDER.list_organisations(client(script), ME)

    assert found == [
        Organisation(
            id="tenant-Old", connection_id="connection-Old", name="Old", approved_now=False
        ),
        Organisation(
            id="tenant-New", connection_id="connection-New", name="New", approved_now=True
        ),
    ]
    assert str(script.requests[0].url) == "http://127.0.0.1:8181/connections"


def test_without_an_event_nothing_counts_as_approved_now() -> None:
    """An unknown event marks no organisation, also not one whose own event is missing."""
    script = Script(answer(json=[row("New", authEventId=None)]))

    found = PROVIDER.list_organisations(client(script), Identity(subject="u", event=""))

    assert [organisation.approved_now for organisation in found] == [False]


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (answer(401), AccessLost),
        (answer(403), AccessLost),
        (answer(429, headers={"Retry-After": "7"}), RetryLater),
        (answer(503), RetryLater),
        (answer(content=b"<html>"), RetryLater),
        (cut, RetryLater),
    ],
)
def test_a_list_that_cannot_be_had_says_what_to_do(step: Step, error: type[Exception]) -> None:
    """A refused grant is lost access; everything else is worth another try."""
    with pytest.raises(error):
        PROVIDER.list_organisations(client(Script(step)), ME)


@pytest.mark.parametrize("status", [204, 200, 404])
def test_disconnecting_gives_the_connection_back(status: int) -> None:
    """The connection's own id is deleted, and one that is gone already is fine."""
    script = Script(answer(status))

    PROVIDER.disconnect(client(script), "connection/1")

    request = script.requests[0]
    assert (request.method, str(request.url)) == (
        "DELETE",
        "http://127.0.0.1:8181/connections/connection%2F1",
    )


def test_a_forbidden_disconnect_is_fine_when_the_connection_is_not_listed() -> None:
    """Xero answers 403 for ids it does not know, so the list decides."""
    script = Script(answer(403), answer(json=[row("Other")]))

    PROVIDER.disconnect(client(script), "connection-1")

    assert script.unplayed == 0


@pytest.mark.parametrize(
    ("steps", "error"),
    [
        ([answer(403), answer(json=[row("1")])], RetryLater),
        ([answer(401)], AccessLost),
        ([answer(500)], RetryLater),
        ([cut], RetryLater),
    ],
)
def test_a_disconnect_that_did_not_happen_is_told(
    steps: list[Step], error: type[Exception]
) -> None:
    """It never returns normally while Xero keeps the connection."""
    with pytest.raises(error):
        PROVIDER.disconnect(client(Script(*steps)), "connection-1")


def test_the_access_token_says_who_approved_and_in_which_consent() -> None:
    """Subject and event come from the access token's claims."""
    claims = {"xero_userid": "user-1", "authentication_event_id": "event-2", "sub": "x"}

    assert PROVIDER.identify(claims) == ME


def test_a_token_without_an_event_leaves_the_choice_to_a_person() -> None:
    """A missing event is empty, which no organisation matches."""
    assert PROVIDER.identify({"xero_userid": "user-1"}).event == ""


def test_a_token_that_names_nobody_is_refused() -> None:
    """Without a person there is no grant to keep."""
    with pytest.raises(AccessLost):
        PROVIDER.identify({"sub": "x"})


def test_every_accounting_call_names_its_organisation_and_asks_for_json() -> None:
    """Without these headers Xero answers 403, or XML."""
    assert PROVIDER.organisation_headers("tenant-1") == {
        "xero-tenant-id": "tenant-1",
        "Accept": "application/json",
    }


def test_calls_go_to_two_hosts_of_xero() -> None:
    """Nothing is called but Xero's API and, for tokens, its identity server."""
    assert origins_of(PROVIDER) == {("https", "api.xero.com", 443)}
    assert token_origins_of(PROVIDER) == {("https", "identity.xero.com", 443)}
    assert mistakes_in(PROVIDER) == []


def test_scopes_are_granular_and_let_tokens_be_refreshed() -> None:
    """The broad scopes Xero ends in 2027 are not asked for; offline access is."""
    assert "offline_access" in PROVIDER.scopes
    assert "accounting.contacts" in PROVIDER.scopes
    assert "accounting.transactions" not in PROVIDER.scopes
