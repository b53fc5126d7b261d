"""The fake provider with modules that create: a ledger that keeps contacts and items."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import httpx

from fake_provider import Scripts, fake_plugin
from syncline_sdk import (
    Address,
    Contact,
    ContactDraft,
    CreateContext,
    Creator,
    Item,
    ItemDraft,
    OutcomeUnknown,
    RecordRejected,
)
from syncline_server.core.catalogue import Catalogue
from syncline_server.registry import Source, catalogue

Fault = Callable[["Shelves", httpx.Request], httpx.Response | None]
"""Does to one call what it likes; returns None to let it be answered as usual."""


@dataclass
class Shelves:
    """What the ledger keeps; hand ``answer`` to ``Ledger.intercept``."""

    records: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {"contacts": [], "items": []}
    )
    writes: list[str] = field(default_factory=list)
    """The idempotency key of every write that arrived."""
    write_faults: list[Fault] = field(default_factory=list)
    """What goes wrong with the next writes, one each."""
    read_faults: list[Fault] = field(default_factory=list)
    """What goes wrong with the next reads, one each."""
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def answer(self, request: httpx.Request) -> httpx.Response | None:
        """Answer calls to the API; everything else is the ledger's."""
        noun = request.url.path.removeprefix("/api/")
        if noun not in self.records:
            return None
        if request.method == "PUT":
            self.writes.append(request.headers["Idempotency-Key"])
        faults = self.write_faults if request.method == "PUT" else self.read_faults
        fault = faults.pop(0)(self, request) if faults else None
        return fault or self.usual(request)

    def usual(self, request: httpx.Request) -> httpx.Response:
        """Do what is asked for."""
        kept = self.records[request.url.path.removeprefix("/api/")]
        if request.method == "GET":
            return httpx.Response(200, json=kept)
        wanted = json.loads(request.content)
        if any(_clash(wanted, each) for each in kept):
            return httpx.Response(409, json="It is there already.")
        kept.append({"id": f"r{next(self._numbers)}", **wanted})
        return httpx.Response(200, json=kept[-1])


def cut_before(_shelves: Shelves, request: httpx.Request) -> httpx.Response | None:
    """Break the connection before anything was done."""
    raise httpx.ReadError("cut", request=request)


def cut_after(shelves: Shelves, request: httpx.Request) -> httpx.Response | None:
    """Do what was asked for and break the connection."""
    shelves.usual(request)
    raise httpx.ReadError("cut", request=request)


def fail_before(_shelves: Shelves, _request: httpx.Request) -> httpx.Response | None:
    """Answer with an error of the server, and do nothing."""
    return httpx.Response(500)


def fail_after(shelves: Shelves, request: httpx.Request) -> httpx.Response | None:
    """Do what was asked for, and answer with an error of the server."""
    shelves.usual(request)
    return httpx.Response(500)


def limit_the_day(_shelves: Shelves, _request: httpx.Request) -> httpx.Response | None:
    """Refuse the call for a limit that lasts."""
    return httpx.Response(429, headers={"Retry-After": "40000"})


def creating_catalogue(scripts: Scripts | None = None) -> Catalogue:
    """Return what is installed when the fake provider creates contacts and items."""
    plugin = fake_plugin(scripts or Scripts())
    creators: dict[str, Any] = {
        "contacts": Creator(create=_create_contact, find=_find_contact),
        "items": Creator(create=_create_item, find=_find_item),
    }
    modules = tuple(replace(each, creates=creators.get(each.name)) for each in plugin.modules)
    return catalogue([Source("fake-provider", replace(plugin, modules=modules))])


def _create_contact(ctx: CreateContext, draft: ContactDraft) -> Contact:
    address = list(draft.address) if draft.address else None
    body = {
        "name": draft.name,
        "code": draft.code,
        "email": draft.email,
        "phone": draft.phone,
        "address": address,
    }
    return _contact(_put(ctx, "contacts", body))


def _find_contact(ctx: CreateContext, draft: ContactDraft) -> Contact | None:
    found = map(_contact, _get(ctx, "contacts"))
    return next((each for each in found if draft.is_met_by(each)), None)


def _create_item(ctx: CreateContext, draft: ItemDraft) -> Item:
    return _item(_put(ctx, "items", {"code": draft.code, "name": draft.name}))


def _find_item(ctx: CreateContext, draft: ItemDraft) -> Item | None:
    found = map(_item, _get(ctx, "items"))
    return next((each for each in found if draft.is_met_by(each)), None)


def _put(ctx: CreateContext, path: str, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"Idempotency-Key": ctx.idempotency_key}
    response = ctx.http.put(path, json=body, headers=headers)
    if response.status_code == 409:
        raise RecordRejected("LEDGER_TAKEN", "It is there already.")
    if response.is_error:
        raise OutcomeUnknown("The ledger failed.", answered=True)
    made: dict[str, Any] = response.json()
    return made


def _get(ctx: CreateContext, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ctx.http.get(path).raise_for_status().json()
    return found


def _contact(row: dict[str, Any]) -> Contact:
    address = row.get("address")
    return Contact(
        id=row["id"],
        name=row["name"],
        codes=(row["code"],) if row.get("code") else (),
        email=row.get("email", ""),
        phone=row.get("phone", ""),
        address=Address(tuple(address[0]), *address[1:]) if address else None,
    )


def _item(row: dict[str, Any]) -> Item:
    return Item(id=row["id"], code=row["code"], name=row["name"])


def _clash(wanted: dict[str, Any], kept: dict[str, Any]) -> bool:
    if wanted.get("code") and wanted["code"] == kept.get("code"):
        return True
    return "email" in wanted and wanted["name"] == kept["name"]
