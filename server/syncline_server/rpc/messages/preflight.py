"""Verdicts of a preflight on the wire."""

from syncline.v1 import record_pb2
from syncline_server.core import names
from syncline_server.services.preflight import PreflightResult


def result(found: PreflightResult, workspace: str) -> record_pb2.PreflightResult:
    """Return one verdict as callers see it; an unknown invoice as it was asked for."""
    known = bool(found.number)
    return record_pb2.PreflightResult(
        invoice=names.record(workspace, "invoices", found.invoice) if known else found.invoice,
        number=found.number,
        outcome=f"OUTCOME_{found.verdict}",
        reasons=[
            record_pb2.PreflightReason(
                code=reason.code, message=reason.message, action=reason.action
            )
            for reason in found.reasons
        ],
    )
