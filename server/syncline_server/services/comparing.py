"""Our side of a comparison with a provider: what is here, held against a census."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from syncline_sdk import Census, Contact, InvoiceState, Item, RecordKind, TaxRate
from syncline_server.core.fingerprint import Fingerprinter
from syncline_server.core.organisations import Organisation
from syncline_server.core.parity import Difference, Sides, added_up, counted, differences, titled
from syncline_server.services.books import Books
from syncline_server.services.comparing_items import item_contents
from syncline_server.storage import contacts, invoice_links, items, present_contacts, tax_rates
from syncline_server.storage.database import Database

SAMPLE: Final = 80
"""Records that one comparison looks at one by one, where the provider does not list all at once."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What came of it."""

    records: int
    """How many were compared one by one."""
    differences: tuple[Difference, ...]


def choose_sample(
    books: Books, kind: RecordKind, before: Sequence[Difference], walked_to: str
) -> tuple[tuple[str, ...], str]:
    """Return the records to look at, and up to where they are looked at then.

    First those that differed last time: what has not been mended does not go out of sight.

    :param before: what differed last time.
    :param walked_to: up to where they were looked at.
    """
    sampler = _SAMPLERS.get(kind)
    if sampler is None:
        return (), ""
    suspects = [id_ for each in before for id_ in each.ids]
    next_ones = sampler(books.database, books.organisation, walked_to, SAMPLE)
    if len(next_ones) < SAMPLE and walked_to:
        next_ones += sampler(books.database, books.organisation, "", SAMPLE - len(next_ones))
    chosen = tuple(dict.fromkeys(suspects + next_ones))[:SAMPLE]
    return chosen, chosen[-1] if len(next_ones) == SAMPLE else ""


def compare(books: Books, kind: RecordKind, census: Census, sample: Sequence[str]) -> Compared:
    """Return what differs between what is here and what the provider has.

    :param sample: what the census was asked to look at.
    """
    return _COMPARISONS[kind](books, census, sample)


def _contacts(books: Books, census: Census, sample: Sequence[str]) -> Compared:
    stored = contacts.read(books.database, books.organisation, sample)
    prints = Fingerprinter(books.fields)
    sides = Sides(
        noun="Contacts",
        here={id_: each.content_hash or None for id_, each in stored.items() if each.present},
        there={each.id: prints.of(each) for each in census.records if isinstance(each, Contact)},
        left_out=census.unreadable | census.changed,
    )
    found = differences(sides)
    if census.active is not None:
        active, unstored = present_contacts.count_active(books.database, books.organisation)
        least, most = active - census.changed_count, active + unstored + census.changed_count
        found += counted("Active contacts", active, (least, most), census.active)
    named = contacts.mappings(books.database, books.organisation, _ids(found))
    return _told(sides, found, {each.contact_id: each.contact_name for each in named})


def _items(books: Books, census: Census, _sample: Sequence[str]) -> Compared:
    stored = items.every(books.database, books.organisation)
    records = [each for each in census.records if isinstance(each, Item)]
    there, untold = item_contents(books, stored, records)
    sides = Sides(
        noun="Items",
        here={id_: each.content_hash or None for id_, each in stored.items() if each.present},
        there=there,
        left_out=census.unreadable | census.changed | untold,
        complete=census.complete,
    )
    titles = {each.id: each.name for each in records}
    titles |= {id_: each.name for id_, each in stored.items()}
    return _told(sides, differences(sides), titles)


def _tax_rates(books: Books, census: Census, _sample: Sequence[str]) -> Compared:
    stored = tax_rates.every(books.database, books.organisation)
    prints = Fingerprinter(())
    records = [each for each in census.records if isinstance(each, TaxRate)]
    sides = Sides(
        noun="Tax rates",
        here={id_: each.content_hash for id_, each in stored.items() if each.content_hash},
        there={each.tax_type: prints.of(each) for each in records},
        left_out=census.unreadable | census.changed,
        complete=census.complete,
    )
    titles = {each.tax_type: each.name for each in records}
    titles |= {id_: each.name for id_, each in stored.items()}
    return _told(sides, differences(sides), titles)


def _invoices(books: Books, census: Census, sample: Sequence[str]) -> Compared:
    links = invoice_links.of_remote(books.database, books.organisation, sample)
    here = {id_: link.remote for id_, link in links.items() if link.remote}
    there = {
        each.id: _like(each, here[each.id])
        for each in census.records
        if isinstance(each, InvoiceState) and each.id in here
    }
    sides = Sides(
        noun="Linked invoices",
        here={id_: _like(state, state) for id_, state in here.items()},
        there=there,
        left_out=census.unreadable | census.changed,
    )
    found = differences(sides)
    ours, theirs = ([side[id_] for id_ in sides.compared] for side in (here, there))
    found += added_up("Invoices in status", _statuses(ours), _statuses(theirs))
    found += added_up("Amount due in", _due(ours), _due(theirs))
    return _told(sides, found, {id_: state.number for id_, state in here.items()})


def _like(state: InvoiceState, known: InvoiceState) -> InvoiceState:
    """Return what of an invoice is compared: not when it changed, nor lines that were left out."""
    lines = known.lines if state.lines is None else state.lines
    return state._replace(modified_time=None, lines=lines)


def _statuses(states: Sequence[InvoiceState]) -> Mapping[str, int]:
    return Counter(state.status for state in states)


def _due(states: Sequence[InvoiceState]) -> Mapping[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for state in states:
        sums[state.currency] = sums.get(state.currency, Decimal(0)) + state.amount_due
    return sums


def _ids(found: Sequence[Difference]) -> set[str]:
    return {id_ for each in found for id_ in each.ids}


def _told(sides: Sides, found: Sequence[Difference], titles: Mapping[str, str]) -> Compared:
    named = titled(found, lambda id_: titles.get(id_) or id_)
    return Compared(records=len(sides.compared), differences=named)


_SAMPLERS: Final[Mapping[RecordKind, Callable[[Database, Organisation, str, int], list[str]]]] = {
    RecordKind.CONTACT: present_contacts.sample,
    RecordKind.INVOICE: invoice_links.remote_ids,
}
"""What gives records to look at behind one; kinds without it are compared as a whole."""
_COMPARISONS: Final[Mapping[RecordKind, Callable[[Books, Census, Sequence[str]], Compared]]] = {
    RecordKind.CONTACT: _contacts,
    RecordKind.ITEM: _items,
    RecordKind.TAX_RATE: _tax_rates,
    RecordKind.INVOICE: _invoices,
}
