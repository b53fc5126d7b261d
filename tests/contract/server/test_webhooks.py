import grpc
import pytest

from syncline.v1.integration_pb2 import TriggerSyncRequest
from syncline.v1.run_pb2 import ListRunsRequest
from syncline.v1.webhook_pb2 import DeliverWebhookRequest, DeliverWebhookResponse
from syncline_client import (
    Client,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    SynclineError,
    Unauthenticated,
)
from syncline_server.app.webhooks import build_webhooks
from syncline_server.config import read_config
from syncline_server.core.access import Role
from syncline_server.storage.database import Database
from told import HEADER, Told, body_of, headers_of
from wiring import ACME, CONFIG, Served, Wired, served

CONTACT = Told("kauri", "CONTACT", "c1")


def delivery(*events: Told, key: str | None = None) -> DeliverWebhookRequest:
    """Return a delivery of the fake provider."""
    body = body_of(*events)
    headers = headers_of(body, key) if key else headers_of(body)
    return DeliverWebhookRequest(provider="ledger", body=body, headers=headers)


@pytest.fixture
def connected(server: Served) -> Served:
    """A server with a connected workspace whose contacts are on."""
    server.wired.connect()
    server.wired.switch_on("contacts")
    return server


def test_a_delivery_is_answered_with_what_became_of_it(connected: Served, client: Client) -> None:
    """Stored, known already, of no interest; whoever looks for what waits is woken once."""
    first = client.webhooks.DeliverWebhook(delivery(CONTACT, Told("rata", "CONTACT", "c1")))
    again = client.webhooks.DeliverWebhook(delivery(CONTACT))

    assert first == DeliverWebhookResponse(stored_count=1, ignored_count=1)
    assert again == DeliverWebhookResponse(repeated_count=1)
    assert len(connected.wired.woken) == 1


def test_nobody_is_called_and_nothing_is_started_by_the_call(
    connected: Served, client: Client
) -> None:
    """The provider is asked later, by a run."""
    client.webhooks.DeliverWebhook(delivery(CONTACT))

    assert connected.wired.ledger.calls == []
    assert not client.runs.ListRuns(ListRunsRequest(parent="workspaces/acme")).runs


def test_a_check_of_whether_we_are_there_is_answered_both_ways(client: Client) -> None:
    """No events and the right signature: taken. Anything else: refused."""
    assert client.webhooks.DeliverWebhook(delivery()) == DeliverWebhookResponse()
    with pytest.raises(Unauthenticated) as refused:
        client.webhooks.DeliverWebhook(delivery(key="guessed"))
    assert refused.value.reason == "WEBHOOK_SIGNATURE_INVALID"


def test_names_of_headers_are_alike_in_any_case(client: Client) -> None:
    """As in HTTP."""
    asked = delivery()
    signed = asked.headers.pop(HEADER)
    asked.headers[HEADER.title()] = signed
    assert client.webhooks.DeliverWebhook(asked) == DeliverWebhookResponse()


def test_a_signed_body_that_makes_no_sense_is_acknowledged(client: Client) -> None:
    """It says so, and is not sent again."""
    asked = DeliverWebhookRequest(provider="ledger", body=b"{", headers=headers_of(b"{"))
    assert client.webhooks.DeliverWebhook(asked) == DeliverWebhookResponse(unreadable=True)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (DeliverWebhookRequest(body=b"[]"), "provider"),
        (DeliverWebhookRequest(provider="ledger"), "body"),
        (DeliverWebhookRequest(provider="ledger", body=b"x" * 1_048_577), "body"),
        (
            DeliverWebhookRequest(
                provider="ledger", body=b"[]", headers={f"h{n}": "" for n in range(21)}
            ),
            "headers",
        ),
        (
            DeliverWebhookRequest(provider="ledger", body=b"[]", headers={"h": "x" * 1_001}),
            "headers.h",
        ),
    ],
    ids=["provider", "empty", "large", "headers", "header"],
)
def test_malformed_requests_are_refused(
    client: Client, asked: DeliverWebhookRequest, field: str
) -> None:
    """Each field that is wrong is named."""
    with pytest.raises(InvalidArgument) as refused:
        client.webhooks.DeliverWebhook(asked)
    assert [each.field for each in refused.value.violations] == [field]


def test_the_largest_body_is_taken(client: Client) -> None:
    """One byte less than too large."""
    body = b"[" + b" " * 1_048_574 + b"]"
    asked = DeliverWebhookRequest(provider="ledger", body=body, headers=headers_of(body))
    assert client.webhooks.DeliverWebhook(asked) == DeliverWebhookResponse()


@pytest.mark.parametrize("odd", [Told("rata\0", "CONTACT", "c1"), Told("kauri", "CONTACT", "c\0")])
@pytest.mark.usefixtures("connected")
def test_what_no_database_stores_is_ignored(client: Client, odd: Told) -> None:
    """An event with the character U+0000 keeps none of its delivery back."""
    taken = client.webhooks.DeliverWebhook(delivery(odd, CONTACT))
    assert (taken.stored_count, taken.ignored_count) == (1, 1)


def test_an_unknown_provider_is_not_found(client: Client) -> None:
    """As one that sends no webhooks."""
    with pytest.raises(NotFound) as refused:
        client.webhooks.DeliverWebhook(DeliverWebhookRequest(provider="ghost", body=b"[]"))
    assert refused.value.resource == "webhooks/ghost"


def test_without_a_key_the_operator_is_told_what_to_set(database: Database) -> None:
    """The refusal names the variable, and is none of the signature."""
    wired = Wired(database)
    keyless = read_config({"SYNCLINE_ENCRYPTION_KEYS": CONFIG.encryption_keys[0]})
    wired.webhooks = build_webhooks(keyless, wired.outside, database, wired.catalogue, lambda: None)
    with (
        served(wired) as running,
        running.client() as client,
        pytest.raises(FailedPrecondition) as refused,
    ):
        client.webhooks.DeliverWebhook(delivery(CONTACT))
    assert refused.value.reason == "WEBHOOKS_NOT_CONFIGURED"
    assert "SYNCLINE_LEDGER_WEBHOOK_KEY" in refused.value.blockers[0].description


def test_credentials_are_asked_for_and_any_will_do(guarded: Served) -> None:
    """A console for webhooks alone can be a viewer of any one workspace."""
    token = guarded.wired.token(Role.VIEWER, "globex")
    with guarded.client() as nobody, pytest.raises(SynclineError) as refused:
        nobody.webhooks.DeliverWebhook(delivery())
    assert (refused.value.code, refused.value.reason) == (
        grpc.StatusCode.UNAUTHENTICATED,
        "CREDENTIALS_MISSING",
    )
    with guarded.client(token) as viewer:
        assert viewer.webhooks.DeliverWebhook(delivery()) == DeliverWebhookResponse()


def test_a_webhooks_run_says_so(connected: Served, client: Client) -> None:
    """Its trigger is WEBHOOK; while it is active, a trigger by hand is refused as ever."""
    started = client.integrations.TriggerSync(
        TriggerSyncRequest(connection=str(ACME), module="contacts")
    ).run
    connected.wired.database.execute(
        "UPDATE runs SET trigger_kind = 'WEBHOOK' WHERE id = ?", (started.name.rpartition("/")[2],)
    )
    (shown,) = client.runs.ListRuns(ListRunsRequest(parent="workspaces/acme")).runs
    assert type(shown).Trigger.Name(shown.trigger) == "TRIGGER_WEBHOOK"
