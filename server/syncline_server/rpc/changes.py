"""RecordService, what changes in a workspace."""

from collections.abc import Sequence
from itertools import accumulate

import grpc

from syncline.v1 import change_pb2, record_pb2
from syncline_server.core.changes import ChangeKind
from syncline_server.core.notices import WorkspaceChanged
from syncline_server.rpc import resuming
from syncline_server.rpc.fields import Fields, chosen
from syncline_server.rpc.interceptors import Send, non_blocking
from syncline_server.rpc.messages.change import change
from syncline_server.rpc.paging import MOST_BYTES
from syncline_server.rpc.watchers import Sight
from syncline_server.rpc.watching import Hub, Subject
from syncline_server.services.changes import Changes


class ChangeCalls:
    """Handles the method that follows changes."""

    def __init__(self, changes: Changes, hub: Hub) -> None:
        self._changes = changes
        self._hub = hub

    @non_blocking
    def watch(
        self, request: record_pb2.WatchChangesRequest, context: grpc.ServicerContext, send: Send
    ) -> None:
        """Send everything that changes until the caller leaves."""
        fields = Fields()
        workspace = fields.workspace("parent", request.parent)
        kinds = chosen(request.kinds, change_pb2.Change.Kind)
        after = self._after(request, workspace, fields)
        fields.refuse()
        self._changes.refuse_lost(workspace, after)
        reading = _Reading(self._changes, workspace, after, [ChangeKind(kind) for kind in kinds])
        subject = Subject(key=WorkspaceChanged(workspace), look=lambda: self._look(workspace))
        self._hub.feed(subject, context, send, reading.next)

    def _after(
        self, request: record_pb2.WatchChangesRequest, workspace: str, fields: Fields
    ) -> int:
        if request.resume_token:
            if request.from_beginning:
                fields.wrong("from_beginning", "can't be combined with resume_token")
            return resuming.number_of(request.resume_token, workspace, fields)
        begin = self._changes.oldest if request.from_beginning else self._changes.newest
        return begin(workspace)

    def _look(self, workspace: str) -> Sight:
        """Return a sight that differs when there is news; its message is nobody's."""
        newest = self._changes.newest(workspace)
        return Sight(message=record_pb2.WatchChangesResponse(), mark=str(newest).encode())


class _Reading:
    """How far one stream has read."""

    def __init__(
        self, changes: Changes, workspace: str, after: int, kinds: Sequence[ChangeKind]
    ) -> None:
        self._changes = changes
        self._workspace = workspace
        self._position = after
        self._kinds = kinds
        self._begun = False

    def next(self) -> record_pb2.WatchChangesResponse | None:
        """Return what comes next; None when there is nothing for now.

        The first message comes at once and tells where the stream begins; one without changes
        later says that all there was is of other kinds.
        """
        if not self._begun:
            self._begun = True
            return self._response([])
        page = self._changes.page(self._workspace, self._position, self._kinds)
        if page.position == self._position:
            return None
        fitting = _fitting([change(view) for view in page.changes])
        told = page.changes[: len(fitting)]
        whole = len(told) == len(page.changes)
        self._position = page.position if whole else told[-1].change.number
        return self._response(fitting)

    def _response(self, changes: Sequence[change_pb2.Change]) -> record_pb2.WatchChangesResponse:
        token = resuming.token(self._workspace, self._position)
        return record_pb2.WatchChangesResponse(changes=changes, resume_token=token)


def _fitting(changes: Sequence[change_pb2.Change]) -> Sequence[change_pb2.Change]:
    """Return as many as one message holds, and one at least."""
    sizes = accumulate(each.ByteSize() for each in changes)
    return changes[: max(1, sum(size <= MOST_BYTES for size in sizes))]
