"""What a trigger says about its run, in the terms the modules declare."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from syncline.v1 import integration_pb2
from syncline_server.rpc.fields import Fields

_CUSTOM: Final = "custom"
_TYPED: Final = ("invoice_push", "invoice_pull")
"""Modules with a message of their own, whose field in the request has the module's name."""
_FURTHEST_BACK: Final = timedelta(days=365)


def parse(
    request: integration_pb2.TriggerSyncRequest, workspace: str, now: datetime, fields: Fields
) -> dict[str, object]:
    """Return the options by the names their module declares."""
    given = request.WhichOneof("options")
    if given is None:
        return {}
    wanted = request.module if request.module in _TYPED else _CUSTOM
    if given != wanted:
        fields.wrong(given, f"does not fit the module {request.module}: it takes {wanted}")
        return {}
    if given == _CUSTOM:
        return fields.struct(_CUSTOM, request.custom)
    if given == "invoice_push":
        return _invoices(given, request.invoice_push.invoices, workspace, fields)
    return _pull(request.invoice_pull, workspace, now, fields)


def full_read(request: integration_pb2.TriggerSyncRequest, fields: Fields) -> bool:
    """Return whether everything is to be read."""
    options = request.invoice_pull
    narrow = "since_time" if options.HasField("since_time") else "invoices"
    if request.full_read and (options.HasField("since_time") or options.invoices):
        fields.wrong("full_read", f"can't be combined with invoice_pull.{narrow}")
    return request.full_read or options.all_linked


def read_since(
    request: integration_pb2.TriggerSyncRequest, usual: datetime | None
) -> datetime | None:
    """Return where a run reads from under the options given; None when it reads everything.

    :param usual: where it would without any.
    """
    options = request.invoice_pull
    if options.HasField("since_time"):
        return options.since_time.ToDatetime(UTC)
    return None if options.all_linked or options.invoices else usual


def _pull(
    options: integration_pb2.InvoicePullOptions, workspace: str, now: datetime, fields: Fields
) -> dict[str, object]:
    named = _invoices("invoice_pull", options.invoices, workspace, fields)
    window = options.WhichOneof("window")
    if window and named:
        fields.wrong("invoice_pull.invoices", f"can't be combined with {window}")
    if window == "since_time":
        since = fields.instant("invoice_pull.since_time", options.since_time)
        if not now - _FURTHEST_BACK <= since <= now:
            text = "must be at most 365 days back and not in the future"
            fields.wrong("invoice_pull.since_time", text)
        return {"window": "SINCE_TIME", "since": since}
    if window == "all_linked":
        if not options.all_linked:
            fields.wrong("invoice_pull.all_linked", "must be true when given")
        return {"window": "ALL_LINKED"}
    return named


def _invoices(
    option: str, invoices: Sequence[str], workspace: str, fields: Fields
) -> dict[str, object]:
    path = f"{option}.invoices"
    found = fields.references(path, invoices, "invoices", workspace)
    return {"invoices": tuple(found)} if found else {}
