"""The floor under a pull: the least that fetches, maps, fingerprints and stores contacts.

One organisation into one table: no matching with what is there, no customer beside the contact, no
issues, no budget, no run to write down. What Syncline adds to this is the price of its promises.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

import httpx
import msgspec
from access import Access

PAGE: Final = 1000
"""Contacts a page holds, the most Xero serves."""


class Row(NamedTuple):
    """A contact as it is stored."""

    organisation_id: str
    contact_id: str
    name: str
    code: str
    email: str
    phone: str
    address: str
    active: bool
    content_hash: str
    update_time: int


Store = Callable[[Sequence[Row]], None]
"""Stores one page, in one transaction."""


class _Phone(msgspec.Struct, rename="pascal", gc=False):
    phone_type: str = ""
    phone_number: str = ""
    phone_area_code: str = ""
    phone_country_code: str = ""


class _Address(msgspec.Struct, rename="pascal", gc=False):
    address_type: str = ""
    address_line1: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""


class _Contact(msgspec.Struct, rename="pascal", gc=False):
    id: str = msgspec.field(name="ContactID")
    name: str
    contact_status: str
    phones: list[_Phone]
    addresses: list[_Address]
    contact_number: str = ""
    account_number: str = ""
    email_address: str = ""


class _Answer(msgspec.Struct, rename="pascal"):
    contacts: list[_Contact]


def pull(access: Access, contacts: int, store: Store) -> float:
    """Pull so many contacts; return the seconds of this process's processor time it took."""
    started = time.process_time()
    stored = 0
    for page in _pages(access, -(-contacts // PAGE)):
        rows = [_mapped(access.tenant, contact) for contact in page]
        store(rows)
        stored += len(rows)
    if stored != contacts:
        raise AssertionError(f"{stored} of {contacts} contacts were pulled")
    return time.process_time() - started


def _pages(access: Access, pages: int) -> Iterator[list[_Contact]]:
    decoder = msgspec.json.Decoder(_Answer)
    headers = {
        "authorization": f"Bearer {access.token}",
        "xero-tenant-id": access.tenant,
        "accept": "application/json",
    }
    params = {"includeArchived": "true", "order": "ContactID", "pageSize": str(PAGE)}
    with httpx.Client(
        base_url=f"{access.url}/api.xro/2.0", headers=headers, timeout=60, trust_env=False
    ) as http:
        for page in range(1, pages + 1):
            answer = http.get("/Contacts", params={**params, "page": str(page)})
            yield decoder.decode(answer.content).contacts


def _mapped(organisation: str, contact: _Contact) -> Row:
    mapped = (
        contact.name.strip(),
        contact.contact_number or contact.account_number,
        contact.email_address,
        _phone(contact.phones),
        _address(contact.addresses),
        contact.contact_status == "ACTIVE",
    )
    content_hash = hashlib.blake2b(msgspec.json.encode(mapped), digest_size=16).hexdigest()
    now = int(datetime.now(UTC).timestamp())
    return Row(organisation, contact.id, *mapped, content_hash, now)


def _phone(phones: list[_Phone]) -> str:
    for each in phones:
        if each.phone_type == "DEFAULT" and each.phone_number:
            return f"+{each.phone_country_code} {each.phone_area_code} {each.phone_number}"
    return ""


def _address(addresses: list[_Address]) -> str:
    for each in addresses:
        if each.address_type == "POBOX":
            return msgspec.json.encode(each).decode()
    return ""
