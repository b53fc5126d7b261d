"""Keeping a simulator's state over a restart: what differs from the seeds."""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from syncline_xero_simulator.books.account import Account
from syncline_xero_simulator.books.books import Books
from syncline_xero_simulator.books.contact import Contact
from syncline_xero_simulator.books.invoice import Invoice
from syncline_xero_simulator.books.item import Item
from syncline_xero_simulator.books.profile import Profile
from syncline_xero_simulator.books.shelf import Keyed, Shelf
from syncline_xero_simulator.books.tax_rate import TaxRate
from syncline_xero_simulator.codec import DecodeError, decode, encode
from syncline_xero_simulator.config import OrganisationSpec
from syncline_xero_simulator.connections import Connection
from syncline_xero_simulator.oauth.grants import RefreshToken
from syncline_xero_simulator.seeds.organisation import seeded_books
from syncline_xero_simulator.simulator import Simulator

_VERSION = 1
_OWNER_ONLY = 0o600

R = TypeVar("R", bound=Keyed)


class StateFileError(Exception):
    """The state file cannot be used; the message names it and the remedy."""


def save_state(simulator: Simulator, path: Path) -> None:
    """Write the state to `path`, replacing it as a whole; raise `OSError` if that fails."""
    text = json.dumps(_state(simulator), indent=1)
    draft = path.with_name(f"{path.name}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def load_state(simulator: Simulator, path: Path) -> None:
    """Put the state of `path` into a simulator; raise `StateFileError` if it is unusable."""
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(state, dict) or state.get("version") != _VERSION:
            raise DecodeError("unknown version")
        _restore(simulator, state)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StateFileError(
            f"the state file {path} is damaged or of another version; move it away to start afresh"
        ) from error


def _state(simulator: Simulator) -> dict[str, Any]:
    parts = simulator.parts
    return {
        "version": _VERSION,
        "seed": simulator.config.seed,
        "clock_offset": parts.clock.offset_seconds,
        "key": parts.key.private(),
        "switches": encode(parts.switches()),
        # Copied first: who has a connection open still may be answered meanwhile.
        "tokens": [encode(token) for token in list(parts.grants.tokens.values())],
        "scopes": {user: list(scopes) for user, scopes in list(parts.grants.scopes.items())},
        "dead_access": sorted(parts.grants.dead_access),
        "connections": [encode(found) for found in parts.connections.everything()],
        "lost_roles": sorted(map(list, parts.organisations.lost_roles)),
        "organisations": [_organisation_state(books) for books in parts.organisations.all()],
    }


def _organisation_state(books: Books) -> dict[str, Any]:
    with books.lock:
        return {
            "spec": encode(books.spec),
            "born": books.born.isoformat(),
            "life": books.life,
            "profile": encode(books.profile),
            "next_invoice_number": books.next_invoice_number,
            "contacts": _shelf_state(books.contacts),
            "items": _shelf_state(books.items),
            "tax_rates": _shelf_state(books.tax_rates),
            "accounts": _shelf_state(books.accounts),
            "invoices": _shelf_state(books.invoices),
        }


def _shelf_state(shelf: Shelf[R]) -> dict[str, Any]:
    return {
        "changed": [encode(shelf.get(key)) for key in sorted(shelf.changed)],
        "removed": sorted(shelf.removed),
    }


def _restore(simulator: Simulator, state: dict[str, Any]) -> None:
    parts = simulator.parts
    organisations = [_books(one, int(state["seed"])) for one in state["organisations"]]
    connections = [decode(Connection, one) for one in state["connections"]]
    tokens = [decode(RefreshToken, one) for one in state["tokens"]]
    switches = parts.switches().change(state["switches"])
    parts.key.become(state["key"])
    parts.clock.advance(float(state["clock_offset"]))
    parts.switches.switches = switches
    parts.grants.tokens = {token.token: token for token in tokens}
    parts.grants.scopes = {user: tuple(scopes) for user, scopes in state["scopes"].items()}
    parts.grants.dead_access = set(state["dead_access"])
    parts.connections.restore(connections)
    parts.organisations.lost_roles = {(user, tenant) for user, tenant in state["lost_roles"]}
    parts.organisations.restore(organisations)


def _books(state: dict[str, Any], seed: int) -> Books:
    spec = decode(OrganisationSpec, state["spec"])
    born = datetime.fromisoformat(state["born"])
    books = seeded_books(spec, seed, born, int(state["life"]))
    books.profile = decode(Profile, state["profile"])
    books.next_invoice_number = int(state["next_invoice_number"])
    _refill(books.contacts, Contact, state["contacts"])
    _refill(books.items, Item, state["items"])
    _refill(books.tax_rates, TaxRate, state["tax_rates"])
    _refill(books.accounts, Account, state["accounts"])
    _refill(books.invoices, Invoice, state["invoices"])
    return books


def _refill(shelf: Shelf[R], kind: type[R], state: dict[str, Any]) -> None:
    for key in state["removed"]:
        shelf.remove(key)
    for record in state["changed"]:
        shelf.put(decode(kind, record))
