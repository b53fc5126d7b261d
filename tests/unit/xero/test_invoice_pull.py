from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from syncline_sdk import InvoiceLine, InvoiceState, RunFailed, RunStopped, Value
from syncline_sdk.testing import FakeRunContext, Script, Step, answer
from xero_answers import ANSWERED_MS, invoice, listed, module, run_context

ANSWERED_AT = datetime.fromtimestamp(ANSWERED_MS / 1000, UTC)
LAST_PULL = datetime(2026, 9, 30, 12, tzinfo=UTC)
ALL_STATUSES = "DRAFT,SUBMITTED,AUTHORISED,PAID,VOIDED,DELETED"


def context(*steps: Step, linked: list[str] | None = None, **options: Value) -> FakeRunContext:
    """Return a context with linked invoices and, as after a first pull, a watermark."""
    ctx = run_context("invoice_pull", Script(*steps), **options)
    ctx.watermark = LAST_PULL
    ctx.linked_invoices.linked = linked or []
    return ctx


def pull(ctx: FakeRunContext) -> list[httpx.Request]:
    """Run the pull; return the requests it made."""
    module("invoice_pull").run(ctx)
    script = ctx.http._transport
    assert isinstance(script, Script)
    return script.requests


def by_ids(request: httpx.Request) -> httpx.Response:
    """Answer a read by ids with the invoices asked for."""
    found = [invoice(InvoiceID=id_) for id_ in request.url.params["IDs"].split(",")]
    return httpx.Response(200, json={"DateTimeUTC": f"/Date({ANSWERED_MS})/", "Invoices": found})


def test_an_invoice_becomes_a_neutral_state() -> None:
    """Amounts, days and lines arrive as Xero has them."""
    paid = invoice(
        Status="PAID", AmountDue=0, AmountPaid="42.55", FullyPaidOnDate="/Date(1790899200000+0000)/"
    )
    ctx = context(listed("Invoices", [paid]))

    pull(ctx)

    assert ctx.linked_invoices.records == [
        InvoiceState(
            id="invoice-OV-1",
            number="OV-1",
            status="PAID",
            contact_id="contact-1",
            currency="NZD",
            subtotal=Decimal("37.00"),
            total_tax=Decimal("5.55"),
            total=Decimal("42.55"),
            amount_due=Decimal(0),
            amount_paid=Decimal("42.55"),
            amount_credited=Decimal("0.00"),
            invoice_date=date(2026, 10, 1),
            due_date=date(2026, 10, 20),
            fully_paid_date=date(2026, 10, 2),
            lines=(
                InvoiceLine(
                    description="Blue mug",
                    quantity=Decimal("2.0000"),
                    unit_amount=Decimal("18.5000"),
                    line_amount=Decimal("37.00"),
                    tax_amount=Decimal("5.55"),
                    tax_type="OUTPUT2",
                    item_code="MUG",
                    account_code="200",
                ),
            ),
            reference="Order 7",
            modified_time=ANSWERED_AT,
        )
    ]


@pytest.mark.parametrize(
    ("members", "lines"),
    [
        ({"LineItems": []}, None),
        ({"LineItems": None}, None),
        ({"LineItems": [], "Total": 0}, ()),
    ],
)
def test_lines_that_were_left_out_are_not_taken_for_deleted(
    members: dict[str, object], lines: object
) -> None:
    """Xero leaves lines out by an empty list; only an invoice over nothing really has none."""
    ctx = context(listed("Invoices", [invoice(**members)]))

    pull(ctx)

    assert ctx.linked_invoices.records[0].lines == lines


def test_since_last_reads_what_changed_page_by_page() -> None:
    """Sales invoices in every status, ordered by id, from five minutes before the watermark."""
    rows = [invoice(InvoiceID=f"i{place}") for place in range(1000)]
    ctx = context(
        listed("Invoices", rows, pageSize=1000, pageCount=2, itemCount=1001),
        listed("Invoices", [invoice()], pageSize=1000, pageCount=2, itemCount=1001),
    )

    seen = pull(ctx)

    assert [dict(request.url.params) for request in seen] == [
        {
            "unitdp": "4",
            "Statuses": ALL_STATUSES,
            "where": 'Type=="ACCREC"',
            "order": "InvoiceID",
            "page": page,
            "pageSize": "1000",
        }
        for page in ("1", "2")
    ]
    assert seen[0].headers["If-Modified-Since"] == "2026-09-30T11:55:00"
    assert ctx.totals == [1001, 1001]
    assert ctx.reached == ANSWERED_AT


@pytest.mark.parametrize("window", ["SINCE_LAST", "ALL_LINKED"])
def test_without_a_watermark_or_for_all_linked_a_few_are_read_by_id(window: str) -> None:
    """Forty at a time, with their lines, and the watermark follows Xero's clock."""
    linked = [f"invoice-{place}" for place in range(75)]
    ctx = context(by_ids, by_ids, linked=linked, window=window)
    if window == "SINCE_LAST":
        ctx.watermark = None

    seen = pull(ctx)

    assert [len(request.url.params["IDs"].split(",")) for request in seen] == [40, 35]
    assert all(request.url.params["page"] == "1" for request in seen)
    assert all(request.url.params["pageSize"] == "40" for request in seen)
    assert linked == [state.id for state in ctx.linked_invoices.records]
    assert ctx.totals == [75]
    assert ctx.reached == ANSWERED_AT


def test_an_address_with_forty_ids_stays_below_two_thousand_characters() -> None:
    """Longer ones are answered with a misleading 404."""
    linked = [f"{place:08d}-aaaa-4bbb-8ccc-{place:012d}" for place in range(40)]

    (request,) = pull(context(by_ids, linked=linked, window="ALL_LINKED"))

    assert len(str(request.url)) < 2000


def test_nothing_linked_costs_no_call() -> None:
    """All linked of none is done at once."""
    assert pull(context(window="ALL_LINKED")) == []


def test_named_invoices_are_read_by_id_and_leave_the_watermark() -> None:
    """A few refreshed ones say nothing about the others."""
    ctx = context(by_ids, linked=["invoice-1"], invoices=("OV-1",))

    (request,) = pull(ctx)

    assert request.url.params["IDs"] == "invoice-1"
    assert ctx.reached is None


def test_what_xero_no_longer_has_is_missing() -> None:
    """An id that is left out of two answers is reported; one that cannot be read is not."""
    ctx = context(
        listed("Invoices", [invoice(InvoiceID="A"), invoice(InvoiceID="c", Total="much")]),
        listed("Invoices", []),
        linked=["a", "b", "c"],
        window="ALL_LINKED",
    )

    pull(ctx)

    assert ctx.linked_invoices.gone == ["b"]
    assert [(i.code, i.record_id) for i in ctx.issues] == [("XERO_RECORD_UNREADABLE", "c")]
    assert [state.id for state in ctx.linked_invoices.records] == ["A"]


def test_nothing_is_missing_while_an_element_may_be_it() -> None:
    """An element without a readable id may be any of those asked for."""
    ctx = context(answer(json={"Invoices": [{"InvoiceID": 7}]}), linked=["a"], window="ALL_LINKED")

    pull(ctx)

    assert ctx.linked_invoices.gone == []


def test_unreadable_invoices_that_are_not_ours_are_no_issue() -> None:
    """Invoices that exist only in Xero do not concern the workspace."""
    rows = [
        invoice(InvoiceID="ours", Status=None),
        invoice(InvoiceID="theirs", Status=None),
        invoice(),
    ]
    ctx = context(listed("Invoices", rows), linked=["OURS"])

    pull(ctx)

    assert [issue.record_id for issue in ctx.issues] == ["ours"]
    assert len(ctx.linked_invoices.records) == 1


@pytest.mark.parametrize(
    ("since", "watermark", "reached"),
    [
        (LAST_PULL - timedelta(days=1), LAST_PULL, ANSWERED_AT),
        (LAST_PULL + timedelta(hours=1), LAST_PULL, None),
        (LAST_PULL, None, None),
    ],
    ids=["before the watermark", "behind it", "no watermark"],
)
def test_since_a_time_moves_the_watermark_only_without_a_gap(
    since: datetime, watermark: datetime | None, reached: datetime | None
) -> None:
    """What lies between the watermark and the window has not been read."""
    ctx = context(listed("Invoices", [invoice()]), window="SINCE_TIME", since=since)
    ctx.watermark = watermark

    (request,) = pull(ctx)

    expected = (since - timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%S")
    assert request.headers["If-Modified-Since"] == expected
    assert ctx.reached == reached


@pytest.mark.parametrize(
    ("since", "code"),
    [
        (None, "XERO_PULL_TIME_MISSING"),
        (datetime(2025, 9, 30, 11, 59, tzinfo=UTC), "XERO_PULL_TOO_FAR_BACK"),
    ],
)
def test_a_window_without_a_usable_beginning_is_refused(since: Value, code: str) -> None:
    """A time is needed, and it may be 365 days back at most."""
    ctx = context(window="SINCE_TIME", since=since)

    with pytest.raises(RunFailed) as caught:
        pull(ctx)

    assert caught.value.code == code


def test_a_window_outlives_the_wait_of_its_run() -> None:
    """A run that began in time is not refused when it is taken up again later."""
    since = datetime(2025, 9, 30, 11, 59, tzinfo=UTC)
    ctx = context(listed("Invoices", []), window="SINCE_TIME", since=since).taken_up_again()

    assert len(pull(ctx)) == 1


def test_a_pull_by_ids_goes_on_behind_its_last_batch() -> None:
    """Taken up again it reads the rest only and keeps the first call's time."""
    linked = [f"invoice-{place}" for place in range(60)]
    ctx = context(by_ids, by_ids, linked=linked, window="ALL_LINKED")
    ctx.stop_at(5)
    with pytest.raises(RunStopped):
        pull(ctx)
    script = ctx.http._transport
    assert isinstance(script, Script)

    again = ctx.taken_up_again()
    again.linked_invoices.linked = linked[1:]
    script.then(by_ids)
    seen = pull(again)

    assert seen[-1].url.params["IDs"].split(",") == linked[40:]
    assert again.reached == ANSWERED_AT


def test_a_cursor_of_another_version_reads_all_again() -> None:
    """A cursor that cannot be understood marks no place."""
    ctx = context(by_ids, linked=["a", "b"], window="ALL_LINKED")
    ctx.cursor = '{"last":"gone","until":null}'

    (request,) = pull(ctx)

    assert request.url.params["IDs"] == "a,b"


def test_a_changed_since_pull_taken_up_again_keeps_its_first_time() -> None:
    """The watermark of the run is when its first page was read."""
    ctx = context(listed("Invoices", []))
    ctx.cursor = '{"page":2,"until":1790000000.0}'

    pull(ctx)

    assert ctx.reached == datetime.fromtimestamp(1790000000, UTC)
