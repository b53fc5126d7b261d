"""Seeded contacts."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from syncline_xero_simulator.books.contact import (
    Address,
    AddressType,
    Contact,
    ContactStatus,
    Person,
    Phone,
    PhoneType,
)
from syncline_xero_simulator.minting import derived_id
from syncline_xero_simulator.seeds.countries import CountryFacts

_FIRST = ("Mia", "Oliver", "Aroha", "Jack", "Isla", "Noah", "Hana", "Leo", "Ruby", "Tama")
_LAST = ("Harris", "Wilson", "Tane", "Nguyen", "Patel", "Walker", "Kerr", "Moana", "Singh", "Clark")
_LEAD = (
    "Kauri", "Harbour", "Southern", "Pukeko", "Ridge", "Blue", "Old Mill", "Station", "Coastal",
    "Summit", "Garden", "Lantern", "Copper", "Willow", "Tui", "Anchor", "Quarry", "Bayside",
)  # fmt: skip
_TRADE = (
    "Cafe", "Traders", "Builders", "Foods", "Outfitters", "Bakery", "Motors", "Books", "Fitouts",
    "Nursery", "Imports", "Pharmacy", "Kitchen", "Hardware", "Studios", "Logistics",
)  # fmt: skip
_STREETS = ("Hardy Street", "Queen Street", "Victoria Road", "Quay Parade", "Mill Lane")
_ARCHIVED_EVERY = 25
_NAMELESS_EMAIL_EVERY = 9
_SEEDED_SPAN = timedelta(days=360)
_RECENT = timedelta(days=5)


def seeded_contacts(
    seed: str, count: int, facts: CountryFacts, born: datetime
) -> Iterator[Contact]:
    """Yield `count` contacts, last updated between a year and some days before `born`."""
    rng = random.Random(seed)  # noqa: S311 - demo data, not a secret
    step = _SEEDED_SPAN / max(count, 1)
    for index in range(count):
        moment = born - _RECENT - _SEEDED_SPAN + step * index
        updated = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        yield _contact(seed, index, facts, rng.getrandbits(48), updated)


def _contact(seed: str, index: int, facts: CountryFacts, dice: int, updated: datetime) -> Contact:
    first, last = _FIRST[dice % 10], _LAST[dice // 10 % 10]
    lead, trade = _LEAD[dice // 100 % len(_LEAD)], _TRADE[dice // 1800 % len(_TRADE)]
    domain = f"{lead}{trade}{index}".lower().replace(" ", "")
    archived = index % _ARCHIVED_EVERY == _ARCHIVED_EVERY - 1
    return Contact(
        contact_id=derived_id(seed, "contact", index),
        name=f"{lead} {trade} {index + 1:05d}",
        updated=updated,
        status=ContactStatus.ARCHIVED if archived else ContactStatus.ACTIVE,
        contact_number=f"C-{index + 1:06d}" if dice % 3 else "",
        account_number=f"ACC{index + 1:06d}" if dice % 2 else "",
        first_name=first,
        last_name=last,
        email="" if index % _NAMELESS_EMAIL_EVERY == 0 else f"{first.lower()}@{domain}.example",
        tax_number=f"{dice % 900_000_000 + 100_000_000}",
        bank_account=f"01-{dice % 9000 + 1000}-{dice // 7 % 9_000_000 + 1_000_000}-00",
        default_currency=facts.currency,
        sales_tax_type=facts.sales_tax,
        purchases_tax_type=facts.purchase_tax,
        sales_terms_days=20,
        phones=_phones(dice, facts.phone_code),
        addresses=_addresses(dice, facts, f"{first} {last}"),
        persons=(
            Person(
                first_name=_FIRST[dice // 40 % 10],
                last_name=last,
                email=f"accounts@{domain}.example",
            ),
        ),
        is_customer=bool(dice % 2),
        is_supplier=dice % 5 == 0,
    )


def _phones(dice: int, country: str) -> tuple[Phone, ...]:
    area = str(dice % 8 + 2)
    phones = [
        Phone(type=kind, number=f"555{dice // step % 10_000:04d}", area_code=area,
              country_code=country)
        for kind, step in ((PhoneType.DEFAULT, 1), (PhoneType.MOBILE, 3), (PhoneType.DDI, 7))
    ]  # fmt: skip
    return tuple(phones[: dice // 11 % 4])


def _addresses(dice: int, facts: CountryFacts, attention: str) -> tuple[Address, ...]:
    city, region, postal_code = facts.cities[dice % len(facts.cities)]
    place = {"city": city, "region": region, "postal_code": postal_code}
    postal = Address(
        type=AddressType.POBOX,
        line1=f"PO Box {dice % 9000 + 100}",
        country=facts.country_name,
        attention_to=attention,
        **place,
    )
    street = Address(
        type=AddressType.STREET,
        line1=f"{dice // 13 % 300 + 1} {_STREETS[dice // 5 % len(_STREETS)]}",
        line2=f"Level {dice // 17 % 9 + 1}",
        country=facts.country_name,
        **place,
    )
    return (postal, street) if dice // 19 % 5 else (postal,)
