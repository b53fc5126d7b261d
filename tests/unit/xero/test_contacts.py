from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncline_sdk import Address, RunFailed, RunStopped, Value
from syncline_sdk.testing import FakeRunContext, Script, Step, answer
from syncline_xero import wire
from syncline_xero.contact_records import to_contact
from xero_answers import ANSWERED_MS, contact, listed, module, run_context

ANSWERED_AT = datetime.fromtimestamp(ANSWERED_MS / 1000, UTC)


def pull(*rows: object, **settings: Value) -> FakeRunContext:
    """Pull one page of contacts and return the run's context."""
    ctx = run_context("contacts", Script(listed("Contacts", rows)), **settings)
    module("contacts").run(ctx)
    return ctx


def full_page(page: int, pages: int, *, items: int | None = None) -> Step:
    """Return a step with a page of 1,000."""
    rows = [contact(page * 1000 + place) for place in range(1000)]
    count = pages * 1000 if items is None else items
    return listed("Contacts", rows, page=page, pageSize=1000, pageCount=pages, itemCount=count)


def test_a_contact_becomes_a_neutral_record() -> None:
    """Codes, phone and address are picked by their type and formatted."""
    ctx = pull(contact(1, ContactNumber="C1", AccountNumber="A1", MergedToContactID="contact-2"))

    record = ctx.contacts.records[0]
    assert record._asdict() == {
        "id": "contact-1",
        "name": "Kauri Cafe 1",
        "codes": ("C1", "A1"),
        "email": "books1@kauri.example",
        "phone": "+64 3 5550134",
        "address": Address(lines=("PO Box 12",), attention_to="Mia"),
        "active": True,
        "merged_into": "contact-2",
    }


@pytest.mark.parametrize(
    ("choice", "phone"),
    [("DEFAULT", "+64 3 5550134"), ("MOBILE", "021 555"), ("DDI", ""), ("FAX", ""), ("NONE", "")],
)
def test_the_chosen_phone_is_synced(choice: str, phone: str) -> None:
    """The workspace's choice decides; blank numbers and no choice give none."""
    assert pull(contact(1), phone_field=choice).contacts.records[0].phone == phone


@pytest.mark.parametrize(
    ("choice", "address"),
    [
        ("BILLING", Address(lines=("PO Box 12",), attention_to="Mia")),
        ("DELIVERY", Address(lines=("1 Rata Street",), city="Nelson")),
        ("NONE", None),
    ],
)
def test_the_chosen_address_is_synced(choice: str, address: Address | None) -> None:
    """Billing is Xero's POBOX, delivery its STREET."""
    assert pull(contact(1), address_field=choice).contacts.records[0].address == address


def test_an_address_of_blanks_is_none() -> None:
    """Xero returns every address type with blank parts when it is unset."""
    blank = {"AddressType": "POBOX", "AddressLine1": " ", "City": "", "Country": None}

    assert pull(contact(1, Addresses=[blank])).contacts.records[0].address is None


@pytest.mark.parametrize(
    ("number", "account", "codes"),
    [
        (None, None, ()),
        ("", "A", ("A",)),
        ("C", " ", ("C",)),
        (" X ", "X", ("X",)),
        ("C", "A", ("C", "A")),
    ],
)
def test_codes_are_what_xero_knows_it_by(
    number: str | None, account: str | None, codes: tuple[str, ...]
) -> None:
    """The contact number comes first, blanks and repeats are left out."""
    ctx = pull(contact(1, ContactNumber=number, AccountNumber=account))

    assert ctx.contacts.records[0].codes == codes


@pytest.mark.parametrize("status", ["ARCHIVED", "GDPRREQUEST", "SOMETHING_NEW"])
def test_contacts_that_cannot_be_invoiced_are_inactive(status: str) -> None:
    """Everything but ACTIVE is inactive, also what Xero may add."""
    assert pull(contact(1, ContactStatus=status)).contacts.records[0].active is False


def test_bad_contacts_become_issues_and_the_rest_goes_on() -> None:
    """A nameless, an id-less and a malformed contact cost nobody else their place."""
    rows = [contact(1, Name=" "), contact(2, ContactID=""), contact(3, Phones="none"), contact(4)]

    ctx = pull(*rows)

    assert [record.id for record in ctx.contacts.records] == ["contact-4"]
    assert {
        ("XERO_CONTACT_NAME_MISSING", "contact-1"),
        ("XERO_RECORD_UNREADABLE", ""),
        ("XERO_RECORD_UNREADABLE", "contact-3"),
    } == {(issue.code, issue.record_id) for issue in ctx.issues}
    assert all(issue.action for issue in ctx.issues)


def test_pages_are_read_in_an_order_that_does_not_shift() -> None:
    """Every page asks for archived ones, by id, a thousand at a time."""
    last = listed("Contacts", [contact(1)], page=2, pageSize=1000, pageCount=2, itemCount=1001)
    script = Script(full_page(1, 2, items=1001), last)
    ctx = run_context("contacts", script)

    module("contacts").run(ctx)

    assert [dict(request.url.params) for request in script.requests] == [
        {"includeArchived": "true", "order": "ContactID", "page": page, "pageSize": "1000"}
        for page in ("1", "2")
    ]
    assert "If-Modified-Since" not in script.requests[0].headers
    assert ctx.totals == [1001]
    assert ctx.reached == ANSWERED_AT
    assert len(ctx.contacts.records) == 1001


def test_a_watermark_reads_only_what_changed() -> None:
    """The window begins five minutes before the watermark."""
    script = Script(listed("Contacts", []))
    ctx = run_context("contacts", script)
    ctx.watermark = datetime(2026, 10, 1, tzinfo=UTC)

    module("contacts").run(ctx)

    assert script.requests[0].headers["If-Modified-Since"] == "2026-09-30T23:55:00"
    assert ctx.reached == ANSWERED_AT


def test_a_run_taken_up_again_goes_on_behind_its_last_page_with_its_first_time() -> None:
    """The watermark stays that of the first page, however much later the rest is read."""
    script = Script(full_page(1, 2))
    ctx = run_context("contacts", script)
    ctx.stop_at(4)
    script.then(full_page(2, 2))
    with pytest.raises(RunStopped):
        module("contacts").run(ctx)

    later = answer(json={"DateTimeUTC": "/Date(1890000000000)/", "Contacts": [contact(9)]})
    script.then(later)
    again = ctx.taken_up_again()
    module("contacts").run(again)

    assert script.requests[-1].url.params["page"] == "2"
    assert again.reached == ANSWERED_AT
    assert again.contacts.records[-1].id == "contact-9"


def test_a_run_that_had_stored_everything_ends_with_its_watermark() -> None:
    """Taken up behind the last page, an empty answer ends the run and the watermark holds."""
    ctx = run_context("contacts", Script(listed("Contacts", [])))
    ctx.cursor = f'{{"page":3,"until":{ANSWERED_MS / 1000}}}'

    module("contacts").run(ctx)

    assert ctx.reached == ANSWERED_AT
    assert ctx.contacts.pages == []


@pytest.mark.parametrize("cursor", ["", "{", '{"last":"x"}', '{"page":"one"}'])
def test_a_cursor_of_another_version_reads_from_the_beginning(cursor: str) -> None:
    """What cannot be understood is read again instead of being guessed."""
    script = Script(listed("Contacts", [contact(1)]))
    ctx = run_context("contacts", script)
    ctx.cursor = cursor

    module("contacts").run(ctx)

    assert script.requests[0].url.params["page"] == "1"


def test_pages_end_where_counts_agree_that_they_do() -> None:
    """Two full pages of two cost two calls."""
    script = Script(full_page(1, 2), full_page(2, 2))
    ctx = run_context("contacts", script)

    module("contacts").run(ctx)

    assert len(ctx.contacts.records) == 2000


@pytest.mark.parametrize(
    "counts",
    [{}, {"pageCount": 1, "itemCount": 5000}, {"pageCount": 9, "itemCount": 9000}],
    ids=["no counts", "too few pages", "too many pages"],
)
def test_a_lying_page_count_neither_loses_nor_repeats(counts: dict[str, int]) -> None:
    """A full page whose counts disagree is followed, and an empty page ends the list."""
    rows = [contact(place) for place in range(1000)]
    script = Script(listed("Contacts", rows, **counts), listed("Contacts", []))
    ctx = run_context("contacts", script)

    module("contacts").run(ctx)

    assert script.unplayed == 0
    assert len(ctx.contacts.records) == 1000


def test_a_server_that_ignores_pages_ends_the_run() -> None:
    """The same full page for ever is a fault, not an endless loop."""
    page = listed("Contacts", [contact(place) for place in range(1000)])
    ctx = run_context("contacts", Script(page, page))

    with pytest.raises(RunFailed) as caught:
        module("contacts").run(ctx)

    assert caught.value.code == "XERO_PAGING_BROKEN"


def test_a_clamped_page_size_is_respected() -> None:
    """A page is full by the size Xero says it serves."""
    rows = [contact(place) for place in range(100)]
    script = Script(
        listed("Contacts", rows, pageSize=100, pageCount=2, itemCount=150),
        listed("Contacts", rows[50:], pageSize=100, pageCount=2, itemCount=150),
    )
    ctx = run_context("contacts", script)

    module("contacts").run(ctx)

    assert len(ctx.contacts.records) == 150


def test_fields_that_are_not_synced_stay_local() -> None:
    """Phone and address are Xero's unless the workspace does not sync them; the rest always is."""
    owned = {each.name: (each.setting, each.unless) for each in module("contacts").owned}

    assert owned == {
        **dict.fromkeys(("name", "code", "email", "active"), ("", None)),
        "phone": ("phone_field", "NONE"),
        "address": ("address_field", "NONE"),
    }


TEXTS = st.none() | st.text(max_size=8)


@settings(deadline=None)  # the machine may be busy
@given(TEXTS, TEXTS, TEXTS)
def test_a_written_phone_never_holds_stray_spaces(
    country: str | None, area: str | None, number: str | None
) -> None:
    """Whatever parts are missing, what is written is trimmed, and empty without a number."""
    row = wire.Contact(
        id="c",
        name="n",
        phones=[
            wire.Phone(
                phone_type="DDI",
                phone_number=number,
                phone_area_code=area,
                phone_country_code=country,
            )
        ],
    )

    phone = to_contact(row, "DDI", "").phone

    assert phone == phone.strip()
    assert bool(phone) == bool((number or "").strip())
