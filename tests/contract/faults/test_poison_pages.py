"""Answers that are read and hold what makes no sense: one bad element never costs its page."""

from decimal import Decimal

import pytest

from faulty_xero import FaultyXero
from syncline_server.core.model import Run, RunState
from syncline_xero_simulator.faults import FaultKind

UNREADABLE = "XERO_RECORD_UNREADABLE"
PATHS = {"contacts": "/Contacts", "items": "/Items", "tax_rates": "/TaxRates"}


def poisoned(xero: FaultyXero, module: str, **fields: object) -> Run:
    """Pull a list all of whose records carry these members."""
    ready(xero, module)
    xero.order(FaultKind.PATCH_FIELDS, PATHS[module], fields=fields, count=None)
    run = xero.sync(module)
    xero.mend()
    return run


def ready(xero: FaultyXero, module: str) -> None:
    """Have what a module requires."""
    if module != "tax_rates":
        xero.set_up_taxes()


@pytest.mark.parametrize(
    ("module", "fields"),
    [
        ("contacts", {"ContactID": 7}),
        ("contacts", {"ContactID": None}),
        ("contacts", {"Name": ["no", "text"]}),
        ("contacts", {"Name": "x" * 100_000}),
        ("contacts", {"Phones": "none"}),
        ("items", {"ItemID": None}),
        ("items", {"Code": "x" * 100_000}),
        ("items", {"QuantityOnHand": "many"}),
        ("items", {"QuantityOnHand": "NaN"}),
        ("items", {"QuantityOnHand": "1e999999"}),
        ("tax_rates", {"TaxType": None}),
        ("tax_rates", {"EffectiveRate": "NaN"}),
        ("tax_rates", {"EffectiveRate": "-1e400"}),
    ],
)
def test_a_record_that_makes_no_sense_is_an_issue(
    xero: FaultyXero, module: str, fields: dict[str, object]
) -> None:
    """The run says so of each, and ends; the next one without them settles what was open."""
    run = poisoned(xero, module, **fields)

    assert run.state is RunState.PARTIAL
    assert set(xero.issues(run)) == {UNREADABLE}
    assert run.counts.failed == run.issue_count > 0
    xero.choose(phone_field="FAX", base_price_sync=True)  # all contacts are read again
    again = xero.sync(module)
    assert again.state is RunState.SUCCEEDED
    assert xero.standing() == set()


@pytest.mark.parametrize(
    ("module", "member"), [("contacts", "ContactID"), ("items", "ItemID"), ("tax_rates", "TaxType")]
)
def test_an_id_that_is_none_is_an_issue(xero: FaultyXero, module: str, member: str) -> None:
    """It is told with as much of it as people can read."""
    run = poisoned(xero, module, **{member: "x" * 10_000})

    assert run.state is RunState.PARTIAL
    assert set(xero.issues(run)) == {UNREADABLE}
    assert {record for record, _ in xero.standing()} == {"x" * 200}


@pytest.mark.parametrize("module", PATHS)
@pytest.mark.parametrize(
    "text",
    ["A\0B", "A\u202eB\u05d0", "A\U0001f600", "A\ufffe", "  ", "A\nB\tC", "A'; DROP TABLE runs;--"],
    ids=["NUL", "right to left", "emoji", "no character", "blank", "lines", "SQL"],
)
def test_any_text_can_be_stored(xero: FaultyXero, module: str, text: str) -> None:
    """Odd names are names, on each kind of database; one of blanks alone is none."""
    run = poisoned(xero, module, Name=text)

    assert run.state in {RunState.SUCCEEDED, RunState.PARTIAL}
    assert run.counts.fetched or run.counts.failed
    assert set(xero.issues(run)) <= {"XERO_CONTACT_NAME_MISSING", "CONTACT_AMBIGUOUS"}


@pytest.mark.parametrize(
    ("module", "fields"),
    [
        ("contacts", {"ContactStatus": "HALF_ASLEEP", "NewMember": {"a": [1]}}),
        ("items", {"IsSold": None, "NewMember": 1}),
        ("tax_rates", {"Status": "RETIRED", "ReportTaxType": "NEW"}),
    ],
)
def test_unknown_words_are_taken_for_no_more_than_they_are(
    xero: FaultyXero, module: str, fields: dict[str, object]
) -> None:
    """An unknown status is not active, and unknown members are nothing."""
    run = poisoned(xero, module, **fields)

    assert (run.state, run.issue_count) == (RunState.SUCCEEDED, 0)


@pytest.mark.parametrize("module", PATHS)
def test_a_record_that_comes_twice_is_stored_once(xero: FaultyXero, module: str) -> None:
    """Within one page and between pages alike."""
    ready(xero, module)
    xero.order(FaultKind.DUPLICATE_IDS, PATHS[module], count=None)

    run = xero.sync(module)

    assert run.state is RunState.SUCCEEDED
    table = {"contacts": "contact_id", "items": "item_id", "tax_rates": "tax_type"}[module]
    rows = xero.database.rows(f"SELECT {table} FROM {module}")
    assert len(rows) == len({row[table] for row in rows})
    assert len(rows) > 0


def test_the_same_ids_on_every_page_are_stored_once(xero: FaultyXero) -> None:
    """A page that is served again and again ends the run, and what it held is kept."""
    ready(xero, "contacts")
    xero.order(FaultKind.REPEATED_PAGE, "/Contacts", count=None)

    run = xero.sync("contacts")

    assert run.state is RunState.FAILED
    assert run.error is not None
    assert run.error.code == "XERO_PAGING_BROKEN"
    assert run.error.action
    assert xero.calls() < 10
    assert len(xero.database.rows("SELECT * FROM contacts")) > 0
    xero.mend()
    assert xero.sync("contacts").state is RunState.SUCCEEDED


def test_pages_without_end_are_left_by_a_cancel(quick: FaultyXero) -> None:
    """A list that never ends keeps to the limit of calls, and can be cancelled at any page."""
    ready(quick, "contacts")
    quick.order(FaultKind.ENDLESS_PAGES, "/Contacts", count=None)
    run = quick.trigger("contacts")
    quick.calls()

    def enough() -> bool:
        if len(quick.way.requests) == 40:
            quick.runs.cancel("acme", run.id)
        return False

    ended = quick.execute(run, enough)

    assert ended.state is RunState.CANCELLED
    assert quick.calls() <= 41
    assert quick.row.state == "CONNECTED"
    assert ended.counts.fetched >= 39 * 11


@pytest.mark.parametrize(
    "kind", [FaultKind.LYING_PAGINATION, FaultKind.SMALL_PAGINATION, FaultKind.EMPTY_PAGE]
)
def test_pages_that_lie_lose_nothing(xero: FaultyXero, kind: FaultKind) -> None:
    """Counts that are too large or too small, and an empty page, leave no contact out for good."""
    ready(xero, "contacts")
    xero.order(kind, "/Contacts")

    run = xero.sync("contacts")
    assert run.state is RunState.SUCCEEDED
    xero.choose(phone_field="FAX")
    xero.sync("contacts")

    books = xero.driver.simulator.parts.organisations.all()[0]
    active = [each for each in books.contacts.values() if each.status == "ACTIVE"]
    assert len(xero.database.rows("SELECT * FROM customers")) == len(active)


@pytest.mark.parametrize(
    "answered",
    ["/Date(253402300799000)/", "/Date(-62135596800000)/", "/Date(99999999999999999)/", "soon"],
    ids=["year 9999", "year 1", "beyond any calendar", "no date"],
)
def test_a_clock_that_cannot_be_right_moves_no_watermark(xero: FaultyXero, answered: str) -> None:
    """Else the next run would pass over what changed meanwhile, or reach before the calendar."""
    ready(xero, "contacts")
    xero.order(FaultKind.PATCH_ANSWER, "/Contacts", fields={"DateTimeUTC": answered}, count=None)

    run = xero.sync("contacts")

    assert run.state is RunState.SUCCEEDED
    assert run.watermark is None
    assert xero.sync("contacts").state is RunState.SUCCEEDED


@pytest.mark.parametrize(
    ("fields", "unreadable"),
    [
        ({"Total": "1e999999"}, True),
        ({"Total": "NaN"}, True),
        ({"Date": "/Date(99999999999999999)/", "DateString": None}, True),
        ({"Date": "tomorrow", "DateString": "tomorrow"}, True),
        ({"Status": None}, True),
        ({"UpdatedDateUTC": "/Date(-99999999999999999)/"}, True),
        ({"Reference": "x" * 100_000}, True),
        ({"Date": "/Date(-62135596800000)/", "AmountDue": "-99999999.99"}, False),
        ({"Status": "HALF_PAID", "CurrencyCode": "XXX", "Reference": "A\0B"}, False),
    ],
)
def test_linked_invoices_survive_what_is_said_of_them(
    xero: FaultyXero,
    fields: dict[str, object],
    unreadable: bool,  # noqa: FBT001 - a case
) -> None:
    """What makes no sense is an issue, what is merely odd is stored; the link stays."""
    xero.set_up(2)
    xero.sync("invoice_push")
    xero.order(FaultKind.PATCH_FIELDS, "/Invoices", fields=fields, count=None)

    run = xero.sync("invoice_pull", window="ALL_LINKED")

    assert run.state is (RunState.PARTIAL if unreadable else RunState.SUCCEEDED)
    assert xero.issues(run) == [UNREADABLE] * (2 if unreadable else 0)
    assert set(xero.links().values()) == {"LINKED"}


def test_odd_amounts_are_kept_as_they_are(xero: FaultyXero) -> None:
    """A price of many digits is stored to its last one."""
    ready(xero, "items")
    xero.choose(base_price_sync=True)
    price = "12345678901234.5678"
    details = {"UnitPrice": price, "TaxType": "OUTPUT2", "AccountCode": "200"}
    xero.order(FaultKind.PATCH_FIELDS, "/Items", fields={"SalesDetails": details}, count=None)

    assert xero.sync("items").state is RunState.SUCCEEDED
    prices = {row["default_price"] for row in xero.database.rows("SELECT * FROM products")}
    assert {Decimal(each) for each in prices} == {Decimal(price)}
