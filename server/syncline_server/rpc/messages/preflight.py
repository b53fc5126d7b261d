"""Verdicts of a preflight on the wire."""

from syncline.v1 import record_pb2
from syncline_server.core import names
from syncline_server.services.preflight import PreflightAnswer, PreflightResult, Verdict


def preflight(answer: PreflightAnswer, workspace: str) -> record_pb2.PreflightInvoicesResponse:
    """Return all verdicts as callers see them."""
    return record_pb2.PreflightInvoicesResponse(
        eligible_count=answer.counts[Verdict.ELIGIBLE],
        blocked_count=answer.counts[Verdict.BLOCKED],
        linked_count=answer.counts[Verdict.ALREADY_LINKED],
        results=[_result(each, workspace) for each in answer.results],
    )


def _result(found: PreflightResult, workspace: str) -> record_pb2.PreflightResult:
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
