from concurrent.futures import ThreadPoolExecutor

import pytest

from bookkeeping import add_invoice, an_invoice, ready_to_push
from databases import PostgresqlServer, opened
from running import KAURI, connect, noon, numbered_ids, running
from syncline_sdk import RunStopped
from syncline_server.core.errors import Aborted, FailedPrecondition, Reason
from syncline_server.core.etags import of
from syncline_server.core.invoice import InvoiceStage
from syncline_server.core.invoice_draft import InvoiceDraft
from syncline_server.services.invoices import Invoices
from syncline_server.services.journal import Journal
from syncline_server.services.outbox import Outbox
from syncline_server.storage import runs
from syncline_server.storage.database import Database

PO_7 = InvoiceDraft(workspace="acme", id="inv1", reference="PO 7")


def service(database: Database) -> Invoices:
    """Return the service."""
    return Invoices(database, noon, numbered_ids())


def drafted(database: Database) -> Invoices:
    """Store the draft inv1 and return the service."""
    ready_to_push(database)
    add_invoice(database, an_invoice(stage=InvoiceStage.DRAFT))
    return service(database)


@pytest.mark.parametrize("stage", [InvoiceStage.DRAFT, InvoiceStage.CONFIRMED])
def test_voiding_is_for_good(database: Database, stage: InvoiceStage) -> None:
    """A draft or confirmed invoice becomes void, once; a void one is not changed or confirmed."""
    invoices = drafted(database)
    if stage is InvoiceStage.CONFIRMED:
        invoices.confirm("acme", "inv1", "")

    first = invoices.void("acme", "inv1", "").invoice
    again = invoices.void("acme", "inv1", "").invoice

    assert (first.stage, again) == (InvoiceStage.VOID, first)
    with pytest.raises(FailedPrecondition, match="is void"):
        invoices.confirm("acme", "inv1", "")
    with pytest.raises(FailedPrecondition, match="is void"):
        invoices.update(PO_7, {"reference"})


def test_voiding_with_a_stale_etag_is_refused(database: Database) -> None:
    """Who voids what they have not seen is refused."""
    invoices = drafted(database)
    etag = of(invoices.get("acme", "inv1").invoice.version)
    invoices.confirm("acme", "inv1", "")

    with pytest.raises(Aborted):
        invoices.void("acme", "inv1", etag)


@pytest.mark.parametrize("state", ["SENT", "UNCERTAIN", "LINKED"])
def test_sent_invoice_is_voided_at_the_provider(database: Database, state: str) -> None:
    """What a provider holds or may hold is not voided here, whichever organisation has it."""
    connect(database)
    ready_to_push(database, "inv1")
    outbox = Outbox(running(database, "invoice_push"), numbered_ids())
    outbox.sent(outbox.prepare(1))
    database.execute("UPDATE invoice_links SET push_state = ?", (state,))
    connect(database, KAURI._replace(id="totara"))

    with pytest.raises(FailedPrecondition, match="was sent") as refusal:
        service(database).void("acme", "inv1", "")

    assert refusal.value.blockers[0].reason is Reason.INVOICE_STATE


def test_refused_invoice_can_be_voided(database: Database) -> None:
    """The provider holds nothing of it."""
    connect(database)
    ready_to_push(database, "inv1")
    outbox = Outbox(running(database, "invoice_push"), numbered_ids())
    (sent,) = outbox.prepare(1)
    outbox.rejected(sent.attempt_id, "NO", "It says no.")

    assert service(database).void("acme", "inv1", "").invoice.stage is InvoiceStage.VOID


def test_invoice_being_sent_stays_as_it_is(database: Database) -> None:
    """Between an attempt and its sending the invoice is neither voided nor changed."""
    connect(database)
    ready_to_push(database, "inv1")
    outbox = Outbox(running(database, "invoice_push"), numbered_ids())
    prepared = outbox.prepare(1)

    with pytest.raises(FailedPrecondition, match="is being sent"):
        service(database).void("acme", "inv1", "")
    with pytest.raises(FailedPrecondition, match="is being sent"):
        service(database).update(PO_7, {"reference"})
    outbox.sent(prepared)


@pytest.mark.parametrize("state", ["QUEUED", "WAITING", "CANCELLED", "FAILED"])
def test_invoice_a_dead_push_prepared_is_voided_and_never_sent(
    database: Database, state: str
) -> None:
    """The attempt cannot leave any more, and whoever goes on with it leaves the invoice out."""
    connect(database)
    ready_to_push(database, "inv1", "inv2")
    journal = running(database, "invoice_push", id="dead")
    prepared = Outbox(journal, numbered_ids("dead")).prepare(2)
    database.execute("UPDATE runs SET state = ? WHERE id = 'dead'", (state,))

    service(database).void("acme", "inv1", "")

    with pytest.raises(RunStopped):
        Outbox(journal, numbered_ids("zombie")).sent(prepared)
    database.execute("UPDATE runs SET state = 'RUNNING', attempt = 2 WHERE id = 'dead'")
    taken_up = runs.get(database, "dead")
    assert taken_up
    again = Outbox(Journal(database, taken_up, noon, lambda _notice: None), numbered_ids("again"))
    assert [sent.number for sent in again.prepare(2)] == ["N-inv2"]
    with pytest.raises(RunStopped):
        Outbox(journal, numbered_ids("zombie")).sent(prepared)
    next_push = Outbox(running(database, "invoice_push", id="next"), numbered_ids("next"))
    assert [sent.number for sent in next_push.prepare(2)] == ["N-inv2"]


def test_invoice_a_dead_push_prepared_can_be_changed(database: Database) -> None:
    """The next push sends it as it is then."""
    connect(database)
    ready_to_push(database, "inv1")
    Outbox(running(database, "invoice_push", id="dead"), numbered_ids("dead")).prepare(1)
    database.execute("UPDATE runs SET state = 'FAILED'")

    service(database).update(PO_7, {"reference"})

    outbox = Outbox(running(database, "invoice_push", id="next"), numbered_ids("next"))
    assert [sent.reference for sent in outbox.prepare(1)] == ["PO 7"]


def test_voiding_and_preparing_wait_for_each_other(postgresql: PostgresqlServer) -> None:
    """A push that prepares an invoice while it is being voided leaves it out."""
    database = opened(postgresql.empty())
    connect(database)
    ready_to_push(database, "inv1")
    outbox = Outbox(running(database, "invoice_push"), numbered_ids())
    with ThreadPoolExecutor(1) as pool:
        with database.transaction():
            service(database).void("acme", "inv1", "")
            preparing = pool.submit(outbox.prepare, 1)
            while not database.tuples("SELECT 1 FROM pg_locks WHERE NOT granted"):
                assert not preparing.done()
        prepared = preparing.result(timeout=30)
    database.close()

    assert prepared == []
