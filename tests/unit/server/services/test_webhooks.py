from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from bench import Bench
from bookkeeping import held, ready_to_push
from running import ACME, KAURI, connect, numbered_ids, running
from scripted_modules import installed, module, plugin, provider
from syncline_sdk import RecordKind
from syncline_server.core.catalogue import Catalogue
from syncline_server.core.erasure import Erasure
from syncline_server.core.errors import FailedPrecondition, NotFound, Reason, Unauthenticated
from syncline_server.registry import Source, catalogue
from syncline_server.services.outbox import Outbox
from syncline_server.services.webhooks import Delivery, Receipt, WebhookDeliveries
from syncline_server.storage import erasures
from syncline_server.storage.database import Database
from told import HEADER, WEBHOOK_KEY, Told, body_of, headers_of, signature


@pytest.fixture
def bench(database: Database) -> Bench:
    """A connected workspace with contacts on, and items off."""
    modules = installed(module("contacts"), module("items", kind=RecordKind.ITEM))
    bench = Bench(database, modules)
    bench.connect()
    bench.switch(contacts=True)
    return bench


def rows(database: Database) -> list[tuple[object, ...]]:
    """Return what is stored."""
    return database.tuples(
        "SELECT workspace, organisation_id, module, record_id FROM webhook_events"
        " ORDER BY record_id"
    )


def test_events_are_stored_and_somebody_is_woken(bench: Bench) -> None:
    """A row for each, and nobody is called."""
    assert bench.tell(Told("kauri", "CONTACT", "c1"), Told("kauri", "CONTACT", "c2")) == Receipt(
        stored=2
    )

    assert rows(bench.database) == [
        ("acme", "kauri", "contacts", "c1"),
        ("acme", "kauri", "contacts", "c2"),
    ]
    assert bench.woken == [bench.clock()]


def test_repeats_are_stored_once(bench: Bench) -> None:
    """In one delivery or in two; another change of the same record is no repeat."""
    first, second = Told("kauri", "CONTACT", "c1", at=1), Told("kauri", "CONTACT", "c1", at=2)

    assert bench.tell(first, first) == Receipt(stored=1, repeated=1)
    assert bench.tell(first) == Receipt(repeated=1)
    assert bench.tell(second, first) == Receipt(stored=1, repeated=1)
    assert len(bench.woken) == 2


@pytest.mark.parametrize(
    "event",
    [
        Told("rata", "CONTACT", "c1"),
        Told("kauri", "CREDITNOTE", "n1"),
        Told("kauri", "ITEM", "i1"),
        Told("kauri", "TAX_RATE", "t1"),
        Told("kauri", "INVOICE", "x1"),
    ],
    ids=lambda event: f"{event.organisation}-{event.kind}",
)
def test_what_nobody_syncs_is_taken_and_dropped(bench: Bench, event: Told) -> None:
    """Unknown organisations, kinds without a module, modules that are off."""
    assert bench.tell(event) == Receipt(ignored=1)

    assert rows(bench.database) == []
    assert bench.woken == []


def test_events_of_a_lost_connection_are_kept(bench: Bench) -> None:
    """They are read when somebody has connected again; a disconnected workspace gets none."""
    bench.lose_access(bench.connection, bench.row.generation, "Revoked.")
    assert bench.tell(Told("kauri", "CONTACT", "c1")).stored == 1

    bench.disconnect()
    assert bench.tell(Told("kauri", "CONTACT", "c2")).ignored == 1


def test_only_linked_invoices_are_of_interest(database: Database) -> None:
    """Whatever else people bill in their books is none of ours."""
    connect(database)
    ready_to_push(database, "inv1")
    outbox = Outbox(running(database, "invoice_push", id="push"), numbered_ids())
    (sent,) = outbox.prepare(10)
    outbox.sent([sent])
    outbox.linked(sent.attempt_id, held(sent))
    bench = Bench(database, xero_like())
    bench.switch(invoice_pull=True)

    told = bench.tell(
        Told(KAURI.id, "INVOICE", held(sent).id), Told(KAURI.id, "INVOICE", "somebody's")
    )

    assert told == Receipt(stored=1, ignored=1)
    assert [row[3] for row in rows(database)] == [held(sent).id]


def xero_like() -> Catalogue:
    """Return a provider of the name under which the rows of these tests are."""
    pull = module("invoice_pull", kind=RecordKind.INVOICE, of=ACME.provider)
    return catalogue([Source("x-plugin", plugin(pull, providers=[provider(ACME.provider)]))])


class TestVerifying:
    """Who may tell us something."""

    def test_each_of_the_keys_fits(self, bench: Bench) -> None:
        """While one key takes another's place, both are taken."""
        for key in (WEBHOOK_KEY, "new-key"):
            assert bench.deliveries.deliver(delivery(body_of(), key=key)) == Receipt()

    def test_another_key_is_refused(self, bench: Bench) -> None:
        """Nothing is stored of it."""
        forged = delivery(body_of(Told("kauri", "CONTACT", "c1")), key="guessed")

        with pytest.raises(Unauthenticated) as refused:
            bench.deliveries.deliver(forged)

        assert refused.value.reason is Reason.WEBHOOK_SIGNATURE_INVALID
        assert rows(bench.database) == []

    def test_a_body_that_was_changed_is_refused(self, bench: Bench) -> None:
        """The signature of one body does not do for another, not even of the same JSON."""
        body = body_of(Told("kauri", "CONTACT", "c1"))
        changed = body.replace(b", ", b",")
        with pytest.raises(Unauthenticated):
            bench.deliveries.deliver(
                Delivery(provider="books", headers={HEADER: signature(body)}, body=changed)
            )

    def test_without_a_key_everything_is_refused(self, bench: Bench) -> None:
        """The refusal names the variable to set."""
        with pytest.raises(FailedPrecondition) as refused:
            without_keys(bench).deliver(delivery(body_of()))

        assert refused.value.reason is Reason.WEBHOOKS_NOT_CONFIGURED
        assert "SYNCLINE_BOOKS_WEBHOOK_KEY" in refused.value.blockers[0].description

    def test_a_provider_that_tells_nothing_is_not_found(self, bench: Bench) -> None:
        """As one that is not installed."""
        strange = Delivery(provider="ghost", headers={}, body=b"[]")
        with pytest.raises(NotFound):
            bench.deliveries.deliver(strange)


@pytest.mark.parametrize("body", [b"{", b"\xff", b"", b"[{}]"])
def test_a_signed_body_that_makes_no_sense_is_taken_once(bench: Bench, body: bytes) -> None:
    """The provider would only send it again; nothing is stored."""
    assert bench.deliveries.deliver(delivery(body)) == Receipt(unreadable=True)
    assert rows(bench.database) == []


class TestLog:
    """One line for each delivery, with numbers only."""

    @pytest.fixture
    def lines(self) -> Iterator[list[dict[str, object]]]:
        """What is logged."""
        with capture_logs() as lines:
            yield lines

    def test_it_says_why_events_were_left_out(
        self, bench: Bench, lines: list[dict[str, object]]
    ) -> None:
        """Counts by reason, and no id, body or key."""
        bench.tell(
            Told("kauri", "CONTACT", "c1"), Told("rata", "CONTACT", "c1"), Told("kauri", "X", "x")
        )

        (line,) = lines
        assert line["action"] == "webhook_taken"
        assert (line["events"], line["stored"], line["repeated"]) == (3, 1, 0)
        assert (line["unknown_organisation"], line["not_synced"]) == (1, 1)
        assert WEBHOOK_KEY not in repr(line)
        assert "rata" not in repr(line)

    def test_a_forged_one_leaves_a_warning(
        self, bench: Bench, lines: list[dict[str, object]]
    ) -> None:
        """So that somebody sees a key that was not rotated here."""
        with pytest.raises(Unauthenticated):
            bench.deliveries.deliver(delivery(b"[]", key="guessed"))

        assert [(line["action"], line["log_level"]) for line in lines] == [
            ("webhook_refused", "warning")
        ]


def test_events_stay_out_of_a_workspace_that_is_erased(bench: Bench) -> None:
    """They are taken, or they would be sent again, and not stored; later ones are."""
    erasure = Erasure(id="e1", workspace="acme", requested_by="me", request_time=bench.clock())
    erasures.insert(bench.database, erasure)

    assert bench.tell(Told("kauri", "CONTACT", "c1")) == Receipt(ignored=1)
    assert rows(bench.database) == []
    erasures.finish(bench.database, "e1", bench.clock())
    bench.tell(Told("kauri", "CONTACT", "c2"))
    assert [row[3] for row in rows(bench.database)] == ["c2"]


def delivery(body: bytes, key: str = WEBHOOK_KEY) -> Delivery:
    """Return a delivery to Books."""
    return Delivery(provider="books", headers=headers_of(body, key), body=body)


def without_keys(bench: Bench) -> WebhookDeliveries:
    """Return deliveries that know no key."""
    return WebhookDeliveries(
        database=bench.database,
        catalogue=bench.catalogue,
        keys={"books": ()},
        clock=bench.clock,
        wake=lambda: None,
    )
