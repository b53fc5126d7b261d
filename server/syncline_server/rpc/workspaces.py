"""WorkspaceService: all of a workspace, handed out or erased."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Final

import grpc

from syncline.v1 import workspace_pb2
from syncline_server.rpc.exporting import Places
from syncline_server.rpc.fields import Fields
from syncline_server.rpc.identity import caller
from syncline_server.rpc.interceptors import Send, non_blocking
from syncline_server.rpc.messages.erasure import erasure
from syncline_server.rpc.watchers import Sending
from syncline_server.rpc.watching import Hub, stopped
from syncline_server.services.erasures import Erasures
from syncline_server.services.exports import ExportAbandoned, Exports

# A multiple of three: each part ends where a group of base64 does, as it is printed in JSON.
_CHUNK: Final = 3 * 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Handing:
    """How archives are handed out, and erasures carried out."""

    spool: Callable[[], IO[bytes]]
    """Returns a private file for an archive, gone when it is closed."""
    places: Places
    is_stopping: Callable[[], bool]
    """Returns whether the server stops, so that nothing is handed out any more."""
    hub: Hub
    """Cuts off callers that do not read."""
    erase_soon: Callable[[], None]
    """Has another thread go on with what is being erased."""


class WorkspaceCalls:
    """Handles the methods of WorkspaceService.

    An archive is made on a thread of its own and lies in a file before it is sent: so no thread
    that answers calls is held, and the database is read no longer than reading takes.
    """

    def __init__(self, exports: Exports, erasures: Erasures, handing: Handing) -> None:
        self._exports = exports
        self._erasures = erasures
        self._handing = handing

    @non_blocking
    def export(
        self,
        request: workspace_pb2.ExportWorkspaceRequest,
        context: grpc.ServicerContext,
        send: Send,
    ) -> None:
        """Send a workspace's archive."""
        fields = Fields()
        workspace = fields.workspace("name", request.name)
        fields.refuse()
        places = self._handing.places
        leave = places.take(caller())
        try:
            self._exports.announce()
            sending = Sending(send, context.cancel)
            places.submit(lambda: self._export(workspace, context.is_active, sending, leave))
        except BaseException:
            leave()
            raise

    def erase(
        self, request: workspace_pb2.EraseWorkspaceRequest
    ) -> workspace_pb2.EraseWorkspaceResponse:
        """Begin to erase a workspace."""
        fields = Fields()
        workspace = fields.workspace("name", request.name)
        if request.confirm != workspace:
            fields.wrong("confirm", "must be the id of the workspace that is named")
        fields.refuse()
        begun = self._erasures.begin(workspace, caller().subject)
        self._handing.erase_soon()
        return workspace_pb2.EraseWorkspaceResponse(erasure=erasure(begun))

    def get(self, request: workspace_pb2.GetErasureRequest) -> workspace_pb2.GetErasureResponse:
        """Return an erasure."""
        fields = Fields()
        workspace, identifier = fields.record("name", request.name, "erasures")
        fields.refuse()
        found = self._erasures.get(workspace, identifier)
        return workspace_pb2.GetErasureResponse(erasure=erasure(found))

    def _export(
        self,
        workspace: str,
        is_active: Callable[[], bool],
        sending: Sending,
        leave: Callable[[], None],
    ) -> None:
        stopping = self._handing.is_stopping
        ending: Exception | None = None
        try:
            self._hand_out(workspace, lambda: is_active() and not stopping(), sending)
        except ExportAbandoned:
            if not stopping():
                return  # the caller has left, and gRPC tells of it
            ending = stopped()
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller is told
            ending = error
        finally:
            leave()  # before the end is told: whoever hears of it may ask for the next one
        sending.end(ending)

    def _hand_out(self, workspace: str, is_awaited: Callable[[], bool], sending: Sending) -> None:
        with self._handing.spool() as file, self._handing.hub.overseeing(sending):
            self._exports.write(workspace, file, is_awaited=is_awaited)
            for data in _chunks(file):
                if not is_awaited():
                    raise ExportAbandoned
                sending.take(workspace_pb2.ExportWorkspaceResponse(data=data))


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while data := file.read(_CHUNK):
        yield data
