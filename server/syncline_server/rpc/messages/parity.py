"""What a comparison with a provider found, on the wire."""

from syncline.v1 import parity_pb2
from syncline_server.core.parity import REPAIR, Difference, Parity


def parity(found: Parity | None) -> parity_pb2.Parity:
    """Return a comparison as callers see it; None is none yet."""
    if found is None:
        return parity_pb2.Parity()
    return parity_pb2.Parity(
        state="STATE_DRIFT" if found.differences else "STATE_IN_STEP",
        check_time=found.check_time,
        compared_count=found.compared,
        differences=[_difference(each) for each in found.differences],
        repair=REPAIR if found.differences else "",
    )


def _difference(found: Difference) -> parity_pb2.ParityDifference:
    return parity_pb2.ParityDifference(
        subject=found.subject,
        local_figure=found.local,
        provider_figure=found.provider,
        records=found.titles,
    )
