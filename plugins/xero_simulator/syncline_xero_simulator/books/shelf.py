"""A keyed collection of one kind of record, with indexes and remembered results."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Generic, Protocol, TypeVar

_REMEMBERED_TEXTS = 20_000
_REMEMBERED_LISTS = 16


class Keyed(Protocol):
    """A record that knows its key."""

    @property
    def key(self) -> str:
        """The record's key on its shelf."""


R = TypeVar("R", bound=Keyed)


class Shelf(Generic[R]):
    """Records by key.

    `indexes` maps an index name to the function that gives a record's value in it, or None to
    leave the record out. Callers hold the organisation's lock.
    """

    def __init__(self, indexes: Mapping[str, Callable[[R], str | None]] | None = None) -> None:
        self._records: dict[str, R] = {}
        self._readers = dict(indexes or {})
        self._indexes: dict[str, dict[str, str]] = {name: {} for name in self._readers}
        self._texts: dict[str, dict[str, str]] = {}
        self._lists: dict[Hashable, list[R]] = {}
        self.changed: set[str] = set()
        self.removed: set[str] = set()

    def __len__(self) -> int:
        return len(self._records)

    def values(self) -> Iterable[R]:
        """Return all records, in no promised order."""
        return self._records.values()

    def get(self, key: str) -> R | None:
        """Return the record with this key, or None."""
        return self._records.get(key)

    def find(self, index: str, value: str | None) -> R | None:
        """Return the record that `index` holds under `value`, or None."""
        if not value:
            return None
        key = self._indexes[index].get(value)
        return None if key is None else self._records[key]

    def seed(self, records: Iterable[R]) -> None:
        """Take in records that belong to the seed: they do not count as changed."""
        for record in records:
            self._place(record)
        self._lists.clear()

    def put(self, record: R) -> None:
        """Add or replace a record."""
        self._place(record)
        self.changed.add(record.key)
        self.removed.discard(record.key)
        self._lists.clear()
        self._texts.pop(record.key, None)

    def remove(self, key: str) -> None:
        """Take a record away for good."""
        self._unindex(self._records.pop(key))
        self.changed.discard(key)
        self.removed.add(key)
        self._lists.clear()
        self._texts.pop(key, None)

    def remembered(self, question: Hashable, answer: Callable[[], list[R]]) -> list[R]:
        """Return the list for `question`, computed once until a record changes."""
        found = self._lists.get(question)
        if found is None:
            if len(self._lists) >= _REMEMBERED_LISTS:
                self._lists.clear()
            found = self._lists[question] = answer()
        return found

    def text(self, record: R, shape: str, render: Callable[[R], str]) -> str:
        """Return a record's rendering in one shape, remembered while there is room."""
        shapes = self._texts.get(record.key)
        if shapes is None:
            if len(self._texts) >= _REMEMBERED_TEXTS:
                return render(record)
            shapes = self._texts[record.key] = {}
        if shape not in shapes:
            shapes[shape] = render(record)
        return shapes[shape]

    def forget_texts(self) -> None:
        """Drop every remembered rendering, because something they quote changed."""
        self._texts.clear()

    def _place(self, record: R) -> None:
        before = self._records.get(record.key)
        if before is not None:
            self._unindex(before)
        self._records[record.key] = record
        for name, read in self._readers.items():
            value = read(record)
            if value:
                self._indexes[name][value] = record.key

    def _unindex(self, record: R) -> None:
        for name, read in self._readers.items():
            value = read(record)
            if value and self._indexes[name].get(value) == record.key:
                del self._indexes[name][value]
