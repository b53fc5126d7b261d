"""Erasures on the wire."""

from syncline.v1 import workspace_pb2
from syncline_server.core import names
from syncline_server.core.erasure import Erasure


def erasure(found: Erasure) -> workspace_pb2.Erasure:
    """Return an erasure as callers see it."""
    return workspace_pb2.Erasure(
        name=names.record(found.workspace, "erasures", found.id),
        state="STATE_FINISHED" if found.finish_time else "STATE_ERASING",
        requested_by=found.requested_by,
        request_time=found.request_time,
        finish_time=found.finish_time,
        row_counts=found.row_counts,
    )
