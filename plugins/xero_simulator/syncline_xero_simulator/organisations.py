"""All organisations of the simulated Xero, and who belongs to them."""

import threading
from collections.abc import Iterable

from syncline_xero_simulator.books.books import Books


class Organisations:
    """Books by tenant id. Every user belongs to every organisation until a role is lost."""

    def __init__(self) -> None:
        self._books: dict[str, Books] = {}
        self._lock = threading.Lock()
        self.lost_roles: set[tuple[str, str]] = set()

    def add(self, books: Books) -> None:
        """Take in an organisation."""
        with self._lock:
            self._books[books.profile.tenant_id] = books

    def drop(self, tenant_id: str) -> None:
        """Forget an organisation: its id leads nowhere any more."""
        with self._lock:
            self._books.pop(tenant_id, None)

    def all(self) -> list[Books]:
        """Return every organisation, oldest first."""
        with self._lock:
            return list(self._books.values())

    def get(self, tenant_id: str) -> Books | None:
        """Return the organisation with this tenant id."""
        return self._books.get(tenant_id.lower())

    def named(self, id_or_name: str) -> Books | None:
        """Return the organisation with this tenant id or this name."""
        found = self.get(id_or_name)
        if found is not None:
            return found
        wanted = id_or_name.casefold()
        return next(
            (books for books in self.all() if books.profile.name.casefold() == wanted), None
        )

    def for_user(self, user_id: str) -> list[Books]:
        """Return the organisations in which a person has a role."""
        return [
            books
            for books in self.all()
            if (user_id, books.profile.tenant_id) not in self.lost_roles
        ]

    def has_role(self, user_id: str, tenant_id: str) -> bool:
        """Return whether a person may use an organisation."""
        return (user_id, tenant_id) not in self.lost_roles

    def restore(self, stored: Iterable[Books]) -> None:
        """Put stored organisations in the place of those with their names, the others after."""
        stored = list(stored)
        names = {books.profile.name for books in stored} | {books.spec.name for books in stored}
        with self._lock:
            fresh = [one for one in self._books.values() if one.spec.name not in names]
            self._books = {one.profile.tenant_id: one for one in [*stored, *fresh]}
