"""Items and tax rates through the control API."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from syncline_xero_simulator.books.books import Books
from syncline_xero_simulator.books.item import Item
from syncline_xero_simulator.books.tax_rate import TaxComponent, TaxRate, TaxRateStatus
from syncline_xero_simulator.control.desk import ControlError, Desk, Route, only, required
from syncline_xero_simulator.rules.items import delete_item, item_by, write_item
from syncline_xero_simulator.rules.tax_rates import write_tax_rate
from syncline_xero_simulator.rules.writing import Mode, RefusedError
from syncline_xero_simulator.wire.inbound import Element
from syncline_xero_simulator.wire.item_json import item_json
from syncline_xero_simulator.wire.settings_json import tax_rate_json

_ITEMS = "/simulator/organisations/<organisation>/items"
_RATES = "/simulator/organisations/<organisation>/tax-rates"


def get_item(desk: Desk, _body: Element, values: Mapping[str, str]) -> Any:
    """Show an item, named by id or code."""
    return item_json(_known(desk.books(values), values["item"]), 4)


def add_item(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Add an item in Xero's form, e.g. `{"Code": "MUG", "SalesDetails": {"UnitPrice": 9.5}}`."""
    return _written(desk, desk.books(values), body, Mode.CREATE)


def edit_item(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Change an item with members in Xero's form; a new `Code` renames it."""
    books = desk.books(values)
    item = _known(books, values["item"])
    return _written(desk, books, Element({**body.data, "ItemID": item.item_id}), Mode.UPSERT)


def stock_item(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Set the `quantity` on hand of a tracked item."""
    only(body, "quantity")
    quantity = body.number("quantity")
    if quantity is None or quantity < 0:
        raise ControlError("quantity must be a number, 0 or more")
    books = desk.books(values)
    with books.lock:
        item = replace(
            _known(books, values["item"]),
            asset_account="630",
            quantity=quantity,
            updated=desk.now(),
        )
        books.items.put(item)
    return item_json(item, 4)


def remove_item(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Delete an item for good."""
    only(body)
    books = desk.books(values)
    with books.lock:
        item = _known(books, values["item"])
        try:
            delete_item(books, replace(item, asset_account=""))
        except RefusedError as error:
            raise ControlError("; ".join(error.messages)) from error
    return {"deleted": item.item_id}


def _written(desk: Desk, books: Books, body: Element, mode: Mode) -> dict[str, Any]:
    with books.lock:
        try:
            written = write_item(books, body, mode, desk.write_context())
        except RefusedError as error:
            raise ControlError("; ".join(error.messages)) from error
    return item_json(written.record, 4)


def _known(books: Books, text: str) -> Item:
    item = item_by(books, text)
    if item is None:
        raise ControlError(f"there is no item {text!r}", 404)
    return item


def add_tax_rate(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Add a tax rate in Xero's form: `{"Name": ..., "TaxComponents": [{"Name", "Rate"}]}`."""
    books = desk.books(values)
    with books.lock:
        try:
            written = write_tax_rate(books, body, Mode.CREATE)
        except RefusedError as error:
            raise ControlError("; ".join(error.messages)) from error
    return tax_rate_json(written.record)


def edit_tax_rate(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Change `name`, `rate` (percent, one component) or `status` of a tax rate, system ones too."""
    only(body, "name", "rate", "status")
    books = desk.books(values)
    with books.lock:
        rate = _known_rate(books, values["tax_type"])
        percent = body.number("rate")
        changed = replace(
            rate,
            name=body.text("name", rate.name),
            status=_status(body, rate),
            components=rate.components
            if percent is None
            else (TaxComponent(name="Tax", rate=percent),),
        )
        books.tax_rates.put(changed)
    return tax_rate_json(changed)


def archive_tax_rate(desk: Desk, body: Element, values: Mapping[str, str]) -> Any:
    """Archive a tax rate."""
    only(body)
    books = desk.books(values)
    with books.lock:
        rate = replace(_known_rate(books, values["tax_type"]), status=TaxRateStatus.ARCHIVED)
        books.tax_rates.put(rate)
    return tax_rate_json(rate)


def _status(body: Element, rate: TaxRate) -> TaxRateStatus:
    if not body.has("status"):
        return rate.status
    try:
        return TaxRateStatus(required(body, "status"))
    except ValueError as error:
        raise ControlError(f"status must be one of {', '.join(TaxRateStatus)}") from error


def _known_rate(books: Books, tax_type: str) -> TaxRate:
    rate = books.tax_rates.get(tax_type)
    if rate is None:
        raise ControlError(f"there is no tax rate {tax_type!r}", 404)
    return rate


def routes() -> list[Route]:
    """Return the routes of these nouns."""
    return [
        Route(method="POST", path=_ITEMS, handler=add_item),
        Route(method="GET", path=f"{_ITEMS}/<item>", handler=get_item),
        Route(method="POST", path=f"{_ITEMS}/<item>", handler=edit_item),
        Route(method="POST", path=f"{_ITEMS}/<item>/stock", handler=stock_item),
        Route(method="DELETE", path=f"{_ITEMS}/<item>", handler=remove_item),
        Route(method="POST", path=_RATES, handler=add_tax_rate),
        Route(method="POST", path=f"{_RATES}/<tax_type>", handler=edit_tax_rate),
        Route(method="POST", path=f"{_RATES}/<tax_type>/archive", handler=archive_tax_rate),
    ]
