"""The module ``contacts``: Xero's contacts become customers."""

from __future__ import annotations

from datetime import timedelta

from syncline_sdk import (
    Census,
    CensusContext,
    Contact,
    Direction,
    Issue,
    ModuleSpec,
    OptionKind,
    OwnedField,
    RecordKind,
    RunContext,
    RunFailed,
    Setting,
    Toggle,
)
from syncline_xero import wire
from syncline_xero.client import XeroClient
from syncline_xero.contact_records import (
    AddressField,
    PhoneField,
    chosen_fields,
    contact_decoder,
    read_by_ids,
    to_contact,
)
from syncline_xero.decoding import Answer
from syncline_xero.invoices import BATCH_SIZE
from syncline_xero.new_contacts import contact_creator
from syncline_xero.paging import PAGE_SIZE, Page, PagedList, Place
from syncline_xero.provider import PROVIDER_NAME
from syncline_xero.reports import report_unreadable, unreadable


def contacts_module() -> ModuleSpec:
    """Return the module ``contacts``."""
    return ModuleSpec(
        provider=PROVIDER_NAME,
        name="contacts",
        title="Contacts",
        direction=Direction.PULL,
        kind=RecordKind.CONTACT,
        toggle=Toggle(name="contacts", title="Sync Contacts"),
        cooldown=timedelta(seconds=60),
        run=run,
        after=("tax_mapping",),
        settings=(
            Setting(
                name="phone_field",
                title="Phone",
                kind=OptionKind.CHOICE,
                default=PhoneField.DEFAULT.value,
                choices=tuple(choice.value for choice in PhoneField),
                choice_titles=("Default", "Direct dial", "Fax", "Mobile", "Do not sync"),
                description=(
                    "Which phone of a Xero contact becomes the customer's."
                    " With Do not sync, the phone stays local and editable in Orderverse."
                ),
                full_read_on_change=True,
            ),
            Setting(
                name="address_field",
                title="Address",
                kind=OptionKind.CHOICE,
                default=AddressField.BILLING.value,
                choices=tuple(choice.value for choice in AddressField),
                choice_titles=("Billing address", "Delivery address", "Do not sync"),
                description=(
                    "Which address of a Xero contact becomes the customer's."
                    " With Do not sync, the address stays local and editable in Orderverse."
                ),
                full_read_on_change=True,
            ),
        ),
        owned=(
            OwnedField(name="name"),
            OwnedField(name="code"),
            OwnedField(name="email"),
            OwnedField(name="active"),
            OwnedField(name="phone", setting="phone_field", unless=PhoneField.NONE.value),
            OwnedField(name="address", setting="address_field", unless=AddressField.NONE.value),
        ),
        takes_targets=True,
        creates=contact_creator(),
        census=census,
    )


def run(ctx: RunContext) -> None:
    """Pull contacts: all of them, those changed since the watermark, or the run's targets alone.

    Pages are stored as they come and the cursor keeps the first page's time, so an execution that
    takes the run up again ends with the same watermark.
    """
    client = XeroClient(ctx)
    place = Place.at(ctx.cursor)
    if ctx.targets:
        _pull_targets(ctx, client, place)
        return
    if place.until is not None:
        ctx.advance_watermark(place.until)
    told = False
    for page in _listing(ctx).pages(client, place):
        if not told:
            _tell(ctx, page)
            told = True
        place = page.next
        _store(ctx, page.answer, place)
        del page  # before the next one is decoded
    if ctx.watermark is None:
        _look_for_unseen(ctx, client, place)


def _look_for_unseen(ctx: RunContext, client: XeroClient, place: Place) -> None:
    """Read by id what is known and was in no page; who is not there either has vanished."""
    unseen = ctx.contacts.unseen()
    for begin in range(0, len(unseen), BATCH_SIZE):
        batch = unseen[begin : begin + BATCH_SIZE]
        answer = read_by_ids(client, batch)
        _store(ctx, answer, place)
        missing = answer.without(batch)
        if missing:
            # Once more: one empty answer is no proof.
            again = read_by_ids(client, missing)
            _store(ctx, again, place)
            missing = again.without(missing)
        if missing:
            ctx.contacts.vanished(missing)


def _pull_targets(ctx: RunContext, client: XeroClient, place: Place) -> None:
    ctx.progress(total=len(ctx.targets))
    # Batches are counted as pages are elsewhere; the ids are the same each time.
    for begin in range((place.page - 1) * BATCH_SIZE, len(ctx.targets), BATCH_SIZE):
        answer = read_by_ids(client, ctx.targets[begin : begin + BATCH_SIZE])
        place = Place(page=place.page + 1)
        _store(ctx, answer, place)


def _listing(ctx: RunContext) -> PagedList[wire.Contact]:
    return PagedList(
        path="Contacts",
        params={"includeArchived": "true", "order": "ContactID"},
        decoder=contact_decoder(),
        row_id=lambda row: row.id,
        since=ctx.watermark,
    )


def _tell(ctx: RunContext, page: Page[wire.Contact]) -> None:
    if page.next.until is not None:
        ctx.advance_watermark(page.next.until)
    pagination = page.answer.pagination
    if pagination is not None and pagination.item_count is not None:
        ctx.progress(total=max(pagination.item_count, 0))


def _store(ctx: RunContext, answer: Answer[wire.Contact], place: Place) -> None:
    phone_type, address_type = chosen_fields(ctx.settings)
    report_unreadable(ctx, RecordKind.CONTACT, answer.bad)
    records = []
    for row in answer.rows:
        if not row.id:
            report_unreadable(ctx, RecordKind.CONTACT, [unreadable("", row.name, "it has no id")])
        elif not row.name or not row.name.strip():
            _report_nameless(ctx, row)
        else:
            records.append(to_contact(row, phone_type, address_type))
    ctx.contacts.store(records, cursor=place.cursor())


def _report_nameless(ctx: RunContext, row: wire.Contact) -> None:
    ctx.issue(
        Issue(
            code="XERO_CONTACT_NAME_MISSING",
            message="This contact has no name in Xero, so no customer can be made of it.",
            action="Give the contact a name in Xero.",
            kind=RecordKind.CONTACT,
            record_id=row.id or "",
            record_name=row.email or row.contact_number or "",
        )
    )


def census(ctx: CensusContext) -> Census:
    """Count the active contacts, see which changed, and read the sample by id."""
    client = XeroClient(ctx)
    changed = _changed(ctx, client)
    pagination = changed.pagination
    total = max(changed.size, (pagination and pagination.item_count) or 0)
    active = _count_active(client)
    if total > changed.size:
        # Nobody can say which of the sample changed, so none of it is compared.
        return Census(unreadable=frozenset(ctx.sample), active=active, changed_count=total)
    records: list[Contact] = []
    unreadable: set[str] = set()
    for begin in range(0, len(ctx.sample), BATCH_SIZE):
        answer = read_by_ids(client, ctx.sample[begin : begin + BATCH_SIZE])
        unreadable |= {row.id for row in answer.bad}
        records += _readable(ctx, answer, unreadable)
    return Census(
        records=tuple(records),
        unreadable=frozenset(unreadable),
        changed=frozenset(row.id for row in changed.rows if row.id),
        active=active,
        changed_count=total,
    )


def _changed(ctx: CensusContext, client: XeroClient) -> Answer[wire.Contact]:
    if ctx.since is None:
        return Answer.nothing()
    params = {"includeArchived": "true", "order": "ContactID", "page": "1"}
    params["pageSize"] = str(PAGE_SIZE)
    return client.read("Contacts", contact_decoder(), params=params, since=ctx.since)


def _count_active(client: XeroClient) -> int | None:
    """Return Xero's count; None where it refuses to, as it does for more than 100,000 contacts."""
    params = {"where": 'ContactStatus=="ACTIVE"', "page": "1", "pageSize": "1"}
    try:
        answer = client.read("Contacts", contact_decoder(), params=params)
    except RunFailed:
        return None
    return None if answer.pagination is None else answer.pagination.item_count


def _readable(
    ctx: CensusContext, answer: Answer[wire.Contact], unreadable: set[str]
) -> list[Contact]:
    phone_type, address_type = chosen_fields(ctx.settings)
    unreadable |= {row.id or "" for row in answer.rows if not (row.name or "").strip()}
    return [
        to_contact(row, phone_type, address_type)
        for row in answer.rows
        if row.id and row.id not in unreadable
    ]
