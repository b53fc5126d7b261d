import io
from dataclasses import replace
from typing import IO, Any

import pytest

from surrounded import Context
from syncline.v1 import workspace_pb2
from syncline_server.core.errors import Reason, ResourceExhausted
from syncline_server.rpc import identity
from syncline_server.rpc.exporting import AT_ONCE, Places
from syncline_server.rpc.identity import LOCAL
from syncline_server.rpc.watching import Hub, Pace
from syncline_server.rpc.workspaces import Handing, WorkspaceCalls

REQUEST = workspace_pb2.ExportWorkspaceRequest(name="workspaces/acme")
ONE, TWO, THREE = (replace(LOCAL, subject=subject) for subject in ("one", "two", "three"))


class Archives:
    """Makes archives of three bytes."""

    def announce(self) -> None:
        """Tell nobody."""

    def write(self, _workspace: str, target: IO[bytes], **_more: Any) -> None:
        """Write one."""
        target.write(b"zip")


class Leaving(Context):
    """A call that may be cut off."""

    def cancel(self) -> None:
        """End it."""


def test_callers_have_a_place_each_while_there_are_some() -> None:
    """One of the same credentials, two in all, and again once one is given back."""
    places = Places()
    leave = places.take(ONE)
    for caller in (ONE, replace(ONE, title="One by another name")):
        with pytest.raises(ResourceExhausted):
            places.take(caller)
    places.take(TWO)
    with pytest.raises(ResourceExhausted) as refusal:
        places.take(THREE)
    assert refusal.value.reason is Reason.QUOTA

    leave()
    places.take(THREE)


def test_owner_of_the_machine_may_have_every_place() -> None:
    """Where nobody is asked for credentials there is one caller."""
    places = Places()
    for _ in range(AT_ONCE):
        places.take(LOCAL)


def test_place_is_free_when_the_end_is_told() -> None:
    """Whoever exports one workspace behind the other is not told to wait in between."""
    places = Places()
    handing = Handing(
        spool=io.BytesIO,
        places=places,
        is_stopping=lambda: False,
        hub=Hub(Pace()),
        erase_soon=lambda: None,
    )
    calls = WorkspaceCalls(Archives(), None, handing)  # type: ignore[arg-type]  # stand-ins
    sent: list[Any] = []

    def send(message: Any) -> None:
        sent.append(message if message is not None else places.take(ONE))

    identity.enter(ONE)
    calls.export(REQUEST, Leaving(), send)  # type: ignore[arg-type]  # a stand-in
    places.shut_down()

    data, leave = sent
    assert data.data == b"zip"
    leave()
