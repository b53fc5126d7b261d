"""A simulated Xero whose records change while they are read, seen or not, beside what is here."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx

from syncline_server.storage.database import Row
from syncline_xero_simulator.books.books import Books
from syncline_xero_simulator.books.contact import Contact, ContactStatus
from whole_server import Whole

ACTIVE, ARCHIVED = ContactStatus.ACTIVE, ContactStatus.ARCHIVED


def books(whole: Whole) -> Books:
    """Return the books of the only organisation."""
    return whole.driver.simulator.parts.organisations.all()[0]


def in_order(whole: Whole, **query: str) -> list[Contact]:
    """Return the contacts in the order in which they are read."""
    driver, found, page = whole.driver, [], 1
    if not driver.token:
        driver.connect()
    while True:
        asked = {"includeArchived": "true", "order": "ContactID", "pageSize": "1000", **query}
        rows = driver.get("Contacts", page=page, **asked)["Contacts"]
        found += [books(whole).contacts.get(row["ContactID"]) for row in rows]
        page += 1
        if len(rows) < 1000:
            return [each for each in found if each is not None]


def change(whole: Whole, contact: Contact, **members: Any) -> None:
    """Change a contact as Xero does, which stamps it."""
    now = whole.driver.clock.now()
    books(whole).contacts.put(replace(contact, updated=now, **members))


def change_unseen(whole: Whole, contact: Contact, **members: Any) -> None:
    """Change a contact without its stamp, as Xero does where it is blind."""
    books(whole).contacts.put(replace(contact, **members))


def before_page(whole: Whole, page: int, act: Callable[[], None]) -> None:
    """Have something happen once, right before this page of contacts is read."""
    happened = []

    def look(request: httpx.Request) -> None:
        is_list = request.url.path.endswith("/Contacts") and "IDs" not in request.url.params
        if is_list and request.url.params.get("page") == str(page) and not happened:
            happened.append(True)
            act()

    whole.way.before = look


def local_contacts(whole: Whole) -> dict[str, tuple[str, bool]]:
    """Return name and activity of the customer of each contact that has one."""
    query = (
        "SELECT contact_id, customers.name, customers.active FROM contacts"
        " JOIN customers ON customers.workspace = contacts.workspace"
        " AND customers.id = contacts.customer_id"
    )
    found = whole.database.tuples(query, ())
    return {contact_id: (name, bool(active)) for contact_id, name, active in found}


def remote_contacts(whole: Whole) -> dict[str, tuple[str, bool]]:
    """Return name and activity of each contact in Xero."""
    everybody = books(whole).contacts.values()
    return {each.contact_id: (each.name, each.status is ACTIVE) for each in everybody}


def contact_rows(whole: Whole) -> dict[str, Row]:
    """Return the stored contacts by id."""
    rows = whole.database.rows("SELECT * FROM contacts", ())
    return {row["contact_id"]: row for row in rows}


def is_like_xero(whole: Whole) -> bool:
    """Return whether every active contact has a customer, and every customer is as its contact."""
    local, remote = local_contacts(whole), remote_contacts(whole)
    active = {id_ for id_, (_, active) in remote.items() if active}
    return active <= local.keys() and local == {id_: remote.get(id_) for id_ in local}
