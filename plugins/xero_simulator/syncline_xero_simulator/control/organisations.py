"""Organisations through the control API."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from syncline_xero_simulator.books.books import Books
from syncline_xero_simulator.books.invoice import Invoice
from syncline_xero_simulator.books.profile import ACTIONS
from syncline_xero_simulator.config import Country, OrganisationSpec
from syncline_xero_simulator.control.desk import ControlError, Desk, Route, only, required
from syncline_xero_simulator.seeds.organisation import seeded_books
from syncline_xero_simulator.wire.inbound import Element

_PATH = "/simulator/organisations/<organisation>"
_MOST_RECORDS = 1_000_000


def list_organisations(desk: Desk, _body: Element, _values: Mapping[str, str]) -> Any:
    """List the organisations with their tenant ids and sizes."""
    return {"organisations": [_shown(books) for books in desk.parts.organisations.all()]}


def add_organisation(desk: Desk, body: Element, _values: Mapping[str, str]) -> Any:
    """Add an organisation: `name`, `country`, counts of `contacts`, `items`, `invoices`, `demo`."""
    only(body, "name", "country", "contacts", "items", "invoices", "demo")
    name = required(body, "name")
    if desk.parts.organisations.named(name) is not None:
        raise ControlError(f"there is an organisation {name!r} already")
    spec = OrganisationSpec(
        name=name,
        country=_country(body),
        contacts=_count(body, "contacts", 200),
        items=_count(body, "items", 80),
        invoices=_count(body, "invoices", 0),
        demo=bool(body.flag("demo")),
    )
    books = seeded_books(spec, desk.config.seed, desk.now())
    desk.parts.organisations.add(books)
    return _shown(books)


def list_records(desk: Desk, _body: Element, values: Mapping[str, str]) -> Any:
    """List what an organisation holds, in short: its contacts, items and invoices."""
    books = desk.books(values)
    with books.lock:
        contacts = [
            {"id": one.contact_id, "name": one.name, "number": one.contact_number}
            for one in books.contacts.values()
        ]
        items = [{"id": one.item_id, "code": one.code} for one in books.items.values()]
        invoices = [_invoice(one) for one in books.invoices.values()]
    return {"contacts": contacts, "items": items, "invoices": invoices}


def _invoice(invoice: Invoice) -> dict[str, Any]:
    return {
        "id": invoice.invoice_id,
        "number": invoice.number,
        "status": invoice.status,
        "contact_id": invoice.contact_id,
        "total": str(invoice.total),
    }


def change_profile(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Change `name`, `period_lock_date`, `year_lock_date`, `forbidden_actions`, `offline`.

    An empty date lifts a lock.
    """
    only(body, "name", "period_lock_date", "year_lock_date", "forbidden_actions", "offline")
    books = desk.books(values)
    profile = books.profile
    offline = body.flag("offline")
    with books.lock:
        books.profile = replace(
            profile,
            name=body.text("name", profile.name),
            period_lock_day=_lock_day(body, "period_lock_date", profile.period_lock_day),
            year_lock_day=_lock_day(body, "year_lock_date", profile.year_lock_day),
            forbidden_actions=_actions(body, profile.forbidden_actions),
            is_offline=profile.is_offline if offline is None else offline,
        )
    return _shown(books)


def reset_demo(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Reset an organisation as Xero resets its demo company: new data, new tenant id.

    Connections to the old tenant id lead nowhere afterwards.
    """
    only(body)
    old = desk.books(values)
    life = old.life + 1
    fresh = seeded_books(old.spec, desk.config.seed, desk.now(), life)
    desk.parts.organisations.drop(old.profile.tenant_id)
    desk.parts.organisations.add(fresh)
    return {"old_tenant_id": old.profile.tenant_id, **_shown(fresh)}


def _shown(books: Books) -> dict[str, Any]:
    profile = books.profile
    return {
        "tenant_id": profile.tenant_id,
        "name": profile.name,
        "country": profile.country,
        "base_currency": profile.base_currency,
        "period_lock_date": profile.period_lock_day and profile.period_lock_day.isoformat(),
        "year_lock_date": profile.year_lock_day and profile.year_lock_day.isoformat(),
        "forbidden_actions": list(profile.forbidden_actions),
        "offline": profile.is_offline,
        "contacts": len(books.contacts),
        "items": len(books.items),
        "tax_rates": len(books.tax_rates),
        "invoices": len(books.invoices),
    }


def _country(body: Element) -> Country:
    try:
        return Country(body.text("country", Country.NZ))
    except ValueError as error:
        raise ControlError(f"country must be one of {', '.join(Country)}") from error


def _count(body: Element, name: str, otherwise: int) -> int:
    value = body.number(name)
    if value is None:
        return otherwise
    if not 0 <= value <= _MOST_RECORDS or value != int(value):
        raise ControlError(f"{name} must be a whole number from 0 to {_MOST_RECORDS}")
    return int(value)


def _lock_day(body: Element, name: str, otherwise: date | None) -> date | None:
    if name not in body.data:
        return otherwise
    return body.day(name) if body.text(name) else None


def _actions(body: Element, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    chosen = body.data.get("forbidden_actions")
    if chosen is None:
        return otherwise
    if not isinstance(chosen, list) or not set(chosen) <= set(ACTIONS):
        raise ControlError(f"forbidden_actions must be a list of {', '.join(ACTIONS)}")
    return tuple(chosen)


def routes() -> list[Route]:
    """Return the routes of this noun."""
    listing = "/simulator/organisations"
    return [
        Route(method="GET", path=listing, handler=list_organisations),
        Route(method="POST", path=listing, handler=add_organisation),
        Route(method="GET", path=f"{_PATH}/records", handler=list_records),
        Route(method="POST", path=f"{_PATH}/profile", handler=change_profile),
        Route(method="POST", path=f"{_PATH}/demo-reset", handler=reset_demo),
    ]
