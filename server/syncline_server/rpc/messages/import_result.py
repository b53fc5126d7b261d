"""What became of imported records, on the wire."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from google.rpc import status_pb2

from syncline.v1 import import_pb2
from syncline_server.core.errors import Refusal
from syncline_server.core.importing import Result
from syncline_server.rpc.brevity import shortened
from syncline_server.rpc.errors import failure

_LONGEST_EXTERNAL_ID: Final = 128
MOST_BYTES: Final = 2 * 1024 * 1024
"""How large results may be before refusals are told in short; clients take 4 MB by default."""


def import_results(results: Sequence[Result]) -> list[import_pb2.ImportResult]:
    """Return results as callers see them; they fit into one message, however much was refused."""
    told = []
    room = MOST_BYTES
    for result in results:
        told.append(_result(result, in_full=room > 0))
        room -= told[-1].ByteSize()
    return told


def import_counts(results: Sequence[Result]) -> import_pb2.ImportCounts:
    """Return how many results there are of each outcome."""
    counted = Counter(result.outcome.lower() for result in results)
    return import_pb2.ImportCounts(**counted)


def _result(result: Result, *, in_full: bool) -> import_pb2.ImportResult:
    return import_pb2.ImportResult(
        external_id=shortened(result.external_id, _LONGEST_EXTERNAL_ID),
        outcome=f"OUTCOME_{result.outcome}",
        record=result.name,
        refusal=result.refusal and _status(result.refusal, in_full=in_full),
    )


def _status(refusal: Refusal, *, in_full: bool) -> status_pb2.Status:
    status = failure(refusal, "").status
    if not in_full:
        del status.details[1:]
    return status
