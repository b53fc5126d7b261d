"""Issues of runs on the wire."""

import json
from collections.abc import Mapping
from typing import Any, Final

from google.protobuf.timestamp_pb2 import Timestamp

from syncline.v1 import run_pb2
from syncline_sdk import RecordKind
from syncline_server.core.names import record

COLLECTIONS: Final = {
    RecordKind.CONTACT: "customers",
    RecordKind.ITEM: "products",
    RecordKind.TAX_RATE: "taxCodes",
    RecordKind.INVOICE: "invoices",
}
"""Where our records of a kind are, as in resource names."""


def issue(workspace: str, row: Mapping[str, Any]) -> run_pb2.RunIssue:
    """Return an issue as callers see it."""
    run = record(workspace, "runs", row["run_id"])
    return run_pb2.RunIssue(
        name=f"{run}/issues/{row['number']}",
        code=row["code"],
        message=row["message"],
        action=row["action"],
        record_kind=f"RECORD_KIND_{row['kind']}",
        record_id=row["record_id"],
        record_name=row["record_name"],
        local=_local(workspace, row, row["local_id"]) if row["local_id"] else "",
        create_time=_instant(row["create_time"]),
        candidates=[_local(workspace, row, each) for each in json.loads(row["candidates"])],
        resolve_time=_instant(row["resolve_time"]) if row["resolve_time"] else None,
        resolution=row["resolution"],
    )


def _local(workspace: str, row: Mapping[str, Any], identifier: str) -> str:
    return record(workspace, COLLECTIONS[RecordKind(row["kind"])], identifier)


def _instant(micros: int) -> Timestamp:
    instant = Timestamp()
    instant.FromMicroseconds(micros)
    return instant
