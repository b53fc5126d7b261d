"""Invoices that cannot go: not sent again before their cause is mended, and by themselves then."""

from dataclasses import replace

import pytest

from faulty_xero import FaultyXero
from syncline_server.core.model import RunState
from syncline_server.services.settlement import settle_invoices
from syncline_server.storage import invoices, module_states
from syncline_xero_simulator.faults import FaultKind

REJECTED = "XERO_INVOICE_REJECTED"
ARCHIVED = "XERO_EXPORT_CONTACT_ARCHIVED"
NUMBERS = ("N-inv0000", "N-inv0001", "N-inv0002")


@pytest.fixture
def shop(xero: FaultyXero) -> FaultyXero:
    """A workspace with three confirmed invoices, each for another customer."""
    xero.set_up(3)
    return xero


def contact_of(shop: FaultyXero, invoice_id: str) -> str:
    """Return the path of an invoice's contact in the simulator's control API."""
    query = (
        "SELECT contacts.contact_id FROM contacts JOIN invoices"
        " ON invoices.customer_id = contacts.customer_id WHERE invoices.id = ?"
    )
    (row,) = shop.database.tuples(query, (invoice_id,))
    return f"organisations/{shop.organisation.id}/contacts/{row[0]}"


def woken(shop: FaultyXero) -> bool:
    """Return whether the push is due at once, for what was settled."""
    states = module_states.of_connection(shop.database, shop.row)
    return states["invoice_push"].wake_time is not None


def assert_rests(shop: FaultyXero, number: str, code: str) -> None:
    """Check that pushes do not send an invoice, and that it has one open issue throughout."""
    shop.way.requests.clear()
    for _ in range(3):
        run = shop.sync("invoice_push")
        assert run.state in {RunState.SUCCEEDED, RunState.PARTIAL}
        assert [found for record, found in shop.standing() if record == _id(number)] == [code]
    assert shop.sent(number) == []


def assert_goes(shop: FaultyXero, number: str) -> None:
    """Check that the next push sends it, once, and that its issue is closed by it."""
    shop.way.requests.clear()
    assert shop.sync("invoice_push").state is RunState.SUCCEEDED
    assert shop.sent(number) == [number]
    assert shop.links()[_id(number)] == "LINKED"
    assert shop.standing() == set()
    shop.sync("invoice_push")
    assert shop.held().count(number) == 1


def _id(number: str) -> str:
    return number.removeprefix("N-")


def test_contact_archived_in_xero_and_restored(shop: FaultyXero) -> None:
    """Refused by Xero while nobody knows, blocked here once it is known, sent when restored."""
    contact = contact_of(shop, "inv0001")
    shop.driver.control("POST", f"{contact}/archive")

    assert shop.sync("invoice_push").state is RunState.PARTIAL
    assert shop.links() == {"inv0000": "LINKED", "inv0001": "REJECTED", "inv0002": "LINKED"}
    assert_rests(shop, NUMBERS[1], REJECTED)

    shop.sync("contacts")
    assert woken(shop)
    assert_rests(shop, NUMBERS[1], ARCHIVED)

    shop.driver.control("POST", f"{contact}/restore")
    shop.sync("contacts")
    assert woken(shop)
    assert_goes(shop, NUMBERS[1])


def test_contact_archived_and_restored_between_two_pushes(shop: FaultyXero) -> None:
    """That it was refused meanwhile is not held against it, although no push saw it blocked."""
    contact = contact_of(shop, "inv0001")
    shop.driver.control("POST", f"{contact}/archive")
    shop.sync("invoice_push")
    shop.sync("contacts")
    shop.driver.control("POST", f"{contact}/restore")
    shop.sync("contacts")

    assert_goes(shop, NUMBERS[1])


def test_contact_known_to_be_archived_is_never_sent(shop: FaultyXero) -> None:
    """The reason is told before Xero is asked."""
    shop.driver.control("POST", f"{contact_of(shop, 'inv0002')}/archive")
    shop.sync("contacts")

    assert_rests(shop, NUMBERS[2], ARCHIVED)
    assert NUMBERS[2] not in shop.held()


def test_account_of_the_settings(shop: FaultyXero) -> None:
    """An account Xero does not know costs one call; another one in the settings sends it."""
    shop.choose(default_sales_account_code="9999")
    assert shop.sync("invoice_push").state is RunState.PARTIAL
    assert set(shop.links().values()) == {"REJECTED"}
    assert_rests(shop, NUMBERS[0], REJECTED)
    shop.choose(phone_field="MOBILE")
    assert_rests(shop, NUMBERS[0], REJECTED)

    shop.choose(default_sales_account_code="200")
    assert woken(shop)
    assert_goes(shop, NUMBERS[0])
    assert shop.held() == [*NUMBERS]


def test_content_that_a_person_changes(shop: FaultyXero) -> None:
    """What Xero refused for its content is sent once the content is another."""
    shop.driver.control("POST", f"{contact_of(shop, 'inv0001')}/archive")
    shop.sync("invoice_push")
    assert_rests(shop, NUMBERS[1], REJECTED)
    free = invoices.get(shop.database, "acme", "inv0000")
    assert free is not None

    change(shop, "inv0001", customer_id=free.customer_id)

    assert woken(shop)
    assert_goes(shop, NUMBERS[1])


def change(shop: FaultyXero, invoice_id: str, **changes: object) -> None:
    """Change an invoice as its service does."""
    with shop.database.transaction():
        before = invoices.get(shop.database, "acme", invoice_id, lock=True)
        assert before is not None
        after = replace(before, **changes)  # type: ignore[arg-type]  # any field of it
        invoices.update(shop.database, after, shop.clock())
        settle_invoices(shop.database, "acme", [after], "Somebody changed it.", shop.clock())


def foreign(shop: FaultyXero, number: str) -> str:
    """Have somebody else make an invoice with a number of ours in Xero; return its path."""
    contact = contact_of(shop, "inv0002").rpartition("/")[2]
    body = {
        "InvoiceNumber": number,
        "Type": "ACCREC",
        "Contact": {"ContactID": contact},
        "LineItems": [
            {"Description": "Other", "Quantity": 1, "UnitAmount": 99, "AccountCode": "200"}
        ],
    }
    with shop.access.open_client(shop.row, lambda: False, urgent=True) as http:
        http.put("Invoices", json=body).raise_for_status()
    return f"organisations/{shop.organisation.id}/invoices/{number}"


def test_number_that_is_taken_and_freed_in_xero(shop: FaultyXero) -> None:
    """The pull sees that the other invoice changed, and ours is tried again."""
    shop.sync("invoice_pull")
    other = foreign(shop, NUMBERS[1])
    assert shop.sync("invoice_push").state is RunState.PARTIAL
    shop.sync("invoice_pull")
    assert_rests(shop, NUMBERS[1], "XERO_INVOICE_NUMBER_TAKEN")

    shop.driver.control("POST", other, {"InvoiceNumber": "Z-1"})
    shop.sync("invoice_pull")
    assert woken(shop)
    assert_goes(shop, NUMBERS[1])


def test_number_that_is_freed_in_xero_is_seen_by_a_full_read(shop: FaultyXero) -> None:
    """The first pull behind the change reads everything, and no later one reads the change."""
    shop.sync("invoice_pull")
    other = foreign(shop, NUMBERS[1])
    assert shop.sync("invoice_push").state is RunState.PARTIAL
    assert shop.sync("invoice_pull", window="ALL_LINKED").counts.fetched == 2
    assert_rests(shop, NUMBERS[1], "XERO_INVOICE_NUMBER_TAKEN")

    shop.driver.control("POST", other, {"InvoiceNumber": "Z-1"})
    pull = shop.sync("invoice_pull", window="ALL_LINKED")

    assert (pull.state, pull.counts.fetched) == (RunState.SUCCEEDED, 2)
    assert woken(shop)
    assert_goes(shop, NUMBERS[1])


def test_number_that_is_taken_and_given_up_by_us(shop: FaultyXero) -> None:
    """Under another number it goes."""
    foreign(shop, NUMBERS[1])
    shop.sync("invoice_push")
    assert_rests(shop, NUMBERS[1], "XERO_INVOICE_NUMBER_TAKEN")

    change(shop, "inv0001", number="N-inv0001-b")

    assert woken(shop)
    shop.sync("invoice_push")
    assert shop.links()["inv0001"] == "LINKED"
    assert shop.standing() == set()


def test_what_xero_refuses_for_a_reason_of_its_own(shop: FaultyXero) -> None:
    """Nothing here tells when it is mended: it rests until somebody pushes it by name."""
    shop.order(
        FaultKind.PATCH_FIELDS,
        "/Invoices",
        method="PUT",
        fields={"StatusAttributeString": "ERROR", "ValidationErrors": [{"Message": "No."}]},
        count=None,
    )
    shop.order(FaultKind.EMPTY_PAGE, "/Invoices", method="GET", count=None)
    shop.sync("invoice_push")
    shop.mend()
    assert_rests(shop, NUMBERS[0], REJECTED)
    shop.sync("contacts")
    assert_rests(shop, NUMBERS[0], REJECTED)

    run = shop.sync("invoice_push", invoices=["inv0000"])

    assert run.state is RunState.SUCCEEDED
    assert shop.links()["inv0000"] == "LINKED"


def test_invoice_xero_fails_on(shop: FaultyXero) -> None:
    """It is found among the others, rests, and goes when pushed by name after Xero is well."""
    shop.order(FaultKind.ERROR_500, "/Invoices", method="PUT", body=f'"{NUMBERS[1]}"', count=None)

    run = shop.sync("invoice_push")

    assert run.state is RunState.PARTIAL
    assert shop.issues(run) == ["XERO_INVOICE_FAILS"]
    assert shop.held() == [NUMBERS[0], NUMBERS[2]]
    assert_rests(shop, NUMBERS[1], "XERO_INVOICE_FAILS")
    shop.mend()
    assert shop.sync("invoice_push", invoices=["inv0001"]).state is RunState.SUCCEEDED
    assert shop.links()["inv0001"] == "LINKED"
    assert shop.standing() == set()


def test_last_invoice_xero_fails_on(shop: FaultyXero) -> None:
    """Where no other one tells that Xero is well, the run waits some minutes and then says so."""
    shop.order(FaultKind.ERROR_500, "/Invoices", method="PUT", body=f'"{NUMBERS[2]}"', count=None)
    begun = shop.clock()

    run = shop.sync("invoice_push")

    assert run.state is RunState.PARTIAL
    assert run.attempt == 8
    assert shop.issues(run) == ["XERO_INVOICE_FAILS"]
    assert (shop.clock() - begun).total_seconds() < 3 * 3600
    assert shop.held() == [*NUMBERS[:2]]


def test_three_invoices_of_one_bad_contact_hold_up_nobody(shop: FaultyXero) -> None:
    """All others go with the second execution, which rejects the three."""
    for number in range(3, 9):
        shop.add_invoice(number)
    for number in NUMBERS:
        shop.order(FaultKind.ERROR_500, "/Invoices", method="PUT", body=f'"{number}"', count=None)

    run = shop.once("invoice_push")
    assert (run.state, shop.held()) == (RunState.WAITING, [])
    assert all(number in run.wait_reason for number in NUMBERS)
    run = shop.to_the_end(run)

    assert (run.state, run.attempt) == (RunState.PARTIAL, 2)
    assert shop.held() == [f"N-inv{number:04d}" for number in range(3, 9)]
    assert shop.issues(run) == ["XERO_INVOICE_FAILS"] * 3


def test_an_hour_of_other_faults_makes_no_invoice_bad(shop: FaultyXero) -> None:
    """What fails at once when Xero comes back is waited for, however long the run waited before."""
    shop.order(FaultKind.UNAVAILABLE, "/Invoices", method="PUT", count=None)
    run = shop.once("invoice_push")
    while run.attempt < 12:
        run = shop.wake(run)
    shop.mend()
    shop.order(FaultKind.ERROR_500, "/Invoices", method="PUT", count=None)

    run = shop.wake(run)

    assert run.state is RunState.WAITING
    assert shop.standing() == set()
    shop.mend()
    assert shop.to_the_end(run).state is RunState.SUCCEEDED
    assert shop.held() == list(NUMBERS)
