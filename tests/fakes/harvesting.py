"""What there is of a workspace for somebody else to get hold of."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import text_format
from google.protobuf.message import Message

from dumps import dump
from probing import Caller, Requests, UnknownFieldError, twin
from reflecting import Method, methods, texts
from syncline_server.core.audit import NO_WORKSPACE
from syncline_server.storage.database import Database, Row
from tenants import OURS, THEIRS

_READS = ("Get", "List", "Preflight", "Watch")
_LEAST = 6
"""Characters below which a text may be anybody's by chance."""
_INNER = {
    "grant_id": "connections",
    "provider_connection_id": "connections",
    "caller": "consents",
    "attempt_id": "invoice_links",
    "idempotency_key": "invoice_links",
}
_NAME = re.compile(r"workspaces/[a-z]+(?:/.*)?")


@dataclass(frozen=True, kw_only=True)
class Value:
    """Something of the other workspace's that a caller tries out."""

    kind: str
    text: str = field(repr=False)
    secret: str = field(repr=False)
    """The part of it that says which one."""

    @property
    def is_their_name(self) -> bool:
        """Whether it names something in the other workspace."""
        return self.text.startswith(f"workspaces/{THEIRS}")

    @property
    def is_name(self) -> bool:
        """Whether it is a resource name, ours by its beginning or theirs."""
        return _NAME.fullmatch(self.text) is not None

    @property
    def made_up(self) -> str:
        """The same for something that never was."""
        return self.text.replace(self.secret, self.made_up_secret)

    @property
    def made_up_secret(self) -> str:
        """The part of that which says which one."""
        return twin(self.secret)


@dataclass(kw_only=True)
class Harvest:
    """Everything a workspace's own admin reads."""

    workspace: str
    texts: set[tuple[str, str]] = field(default_factory=set)
    """``Message.field`` and what stood there."""
    all_names: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Resource names by their collection."""

    def take(self, message: Message) -> None:
        """Keep what a message says."""
        for where, text in texts(message):
            self.texts.add((where, text))
            if text.startswith(f"workspaces/{self.workspace}/"):
                self.know(text)

    def know(self, name: str) -> None:
        """Keep a resource name."""
        known = self.all_names[collection_of(name)]
        if name not in known:
            known.append(name)

    @property
    def names(self) -> dict[str, str]:
        """One resource name of each collection."""
        return {collection: names[0] for collection, names in self.all_names.items()}


def collection_of(name: str) -> str:
    """Return the kind of thing a name is of: ``customers``, ``settings``."""
    parts = name.split("/")
    return parts[-1 if len(parts) % 2 else -2]


def harvest(caller: Caller, workspace: str, receipt: str) -> Harvest:
    """Read everything there is to read in a workspace, once page by page and once at a time.

    :param receipt: name of an erasure, which no list tells.
    """
    found = Harvest(workspace=workspace)
    connection = f"workspaces/{workspace}/connections/xero"
    found.know(connection)
    found.know(f"{connection}/settings")
    found.know(receipt)
    readers = [each for each in methods() if each.name.startswith(_READS)]
    for is_last in (False, True):
        requests = Requests(caller=caller, workspace=workspace, names=found.names)
        for method in readers:
            try:
                _read(caller, requests, method, found)
            except UnknownFieldError:
                if is_last:
                    raise
    return found


def _read(caller: Caller, requests: Requests, method: Method, found: Harvest) -> None:
    request: Any = requests.complete(method)
    for asked in list(_about_each(request, found)):
        if "page_size" in request.DESCRIPTOR.fields_by_name:
            asked.page_size = 1
            found.take(caller.hear(method, asked))
            asked.page_size = 1000
        found.take(caller.hear(method, asked))


def _about_each(request: Message, found: Harvest) -> Iterator[Any]:
    """Yield the request about each thing of its kind."""
    named = next((text for _, text in texts(request) if text in found.names.values()), None)
    for name in found.all_names[collection_of(named)] if named else [None]:
        text = text_format.MessageToString(request)
        yield text_format.Parse(text.replace(f'"{named}"', f'"{name}"'), type(request)())


def values(theirs: Harvest, ours: Harvest) -> list[Value]:
    """Return one value of each kind that the other workspace has and this one has not."""
    known = {text for _, text in ours.texts}
    parts = {part for text in known for part in text.split("/")}
    name = f"workspaces/{THEIRS}"
    found = {"their workspaces": Value(kind="their workspaces", text=name, secret=THEIRS)}
    for where, text in sorted(theirs.texts):
        for value in _values(where, text, parts):
            if value.text not in known:
                found.setdefault(value.kind, value)
    return list(found.values())


def inner_values(database: Database) -> Iterator[Value]:
    """Yield ids of the other workspace's that no answer tells, but its rows do."""
    for column, table in _INNER.items():
        query = f"SELECT {column} FROM {table} WHERE workspace = ? AND {column} IS NOT NULL"
        text = database.rows(query, (THEIRS,))[0][column]
        yield Value(kind=f"{table}.{column}", text=text, secret=text)


def _values(where: str, text: str, known: set[str]) -> Iterator[Value]:
    if not _NAME.fullmatch(text):
        if len(text) >= _LEAST:
            yield Value(kind=where, text=text, secret=text)
        return
    secret = next((each for each in text.split("/")[2:] if _is_secret(each, known)), "")
    kind = collection_of(text)
    yield Value(kind=f"their {kind}", text=text, secret=secret or THEIRS)
    if secret:
        mine = text.replace(f"workspaces/{THEIRS}", f"workspaces/{OURS}")
        yield Value(kind=f"our {kind}", text=mine, secret=secret)
        yield Value(kind=f"id of {kind}", text=secret, secret=secret)


def _is_secret(part: str, known: set[str]) -> bool:
    return len(part) >= _LEAST and any(map(str.isdigit, part)) and part not in known


def rows_of_others(
    database: Database, workspace: str, organisation_id: str
) -> dict[str, list[Row]]:
    """Return every row of every table that is not one workspace's, nor its organisation's.

    The operators' trail, where attempts are told, is nobody's.
    """
    ours = (workspace, organisation_id)
    return {
        table: [
            row
            for row in rows
            if not {*ours} & {*map(str, row.values())} and row.get("chain") != NO_WORKSPACE
        ]
        for table, rows in dump(database).items()
    }


def canaries(database: Database, theirs: Harvest, ours: Harvest) -> frozenset[str]:
    """Return texts that only the other workspace has: in what it reads, and in its rows."""
    by_workspace = _stored(database)
    own = by_workspace[OURS] | {text for _, text in ours.texts}
    all_of_them = by_workspace[THEIRS] | {text for _, text in theirs.texts}
    long = {text for text in all_of_them - own if len(text) >= _LEAST}
    return frozenset({*long, THEIRS})


def _stored(database: Database) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {OURS: set(), THEIRS: set()}
    for rows in dump(database).values():
        for row in rows:
            owner = row.get("workspace", row.get("chain"))
            if owner in found:
                found[owner] |= {each for each in row.values() if isinstance(each, str)}
    return found
