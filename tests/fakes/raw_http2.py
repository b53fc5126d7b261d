"""HTTP/2 frame by frame, as somebody sends it who means no good."""

import contextlib
import socket
from types import TracebackType
from typing import Final, Self

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import Event
from h2.settings import SettingCodes

GET_CONNECTION: Final = "/syncline.v1.IntegrationService/GetConnection"
WATCH_CONNECTION: Final = "/syncline.v1.IntegrationService/WatchConnection"
HEALTH_WATCH: Final = "/grpc.health.v1.Health/Watch"
REFLECTION: Final = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
_PATIENCE: Final = 60.0


class RawConnection:
    """One connection; closed at the end of a ``with`` block.

    :param window: how much of an answer the other side may send on a stream before it is asked.
    """

    def __init__(self, port: int, *, window: int | None = None) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE)
        self._http2 = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
        self._http2.initiate_connection()
        if window is not None:
            self._http2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: window})
        self.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.socket.close()

    def flush(self) -> None:
        """Send what was prepared."""
        self.socket.sendall(self._http2.data_to_send())

    def begin(self, path: str, *more: tuple[str, str]) -> int:
        """Send the headers of a call and return its stream."""
        stream = int(self._http2.get_next_available_stream_id())
        fields = [
            (":method", "POST"),
            (":scheme", "http"),
            (":path", path),
            (":authority", "localhost"),
            ("te", "trailers"),
            ("content-type", "application/grpc"),
            *more,
        ]
        self._http2.send_headers(stream, fields)
        return stream

    def send(self, stream: int, data: bytes, *, end: bool = False) -> None:
        """Send a part of a request."""
        self._http2.send_data(stream, data, end_stream=end)

    def call(self, path: str, message: bytes, *more: tuple[str, str]) -> int:
        """Send a whole call and return its stream."""
        stream = self.begin(path, *more)
        self.send(stream, framed(message), end=True)
        return stream

    def reset(self, stream: int) -> None:
        """Give a call up."""
        self._http2.reset_stream(stream, 8)  # CANCEL

    def ping(self) -> None:
        """Ask whether anybody is there."""
        self._http2.ping(b"01234567")

    def read(self) -> list[Event]:
        """Return what arrived; nothing once the other side has closed."""
        try:
            data = self.socket.recv(65536)
        except ConnectionError:
            data = b""
        if not data:
            return []
        events: list[Event] = self._http2.receive_data(data)
        with contextlib.suppress(ConnectionError):
            self.flush()
        return events

    def read_until(self, kind: type[Event]) -> Event:
        """Return the first event of a kind.

        :raises AssertionError: the other side closed before.
        """
        while events := self.read():
            for event in events:
                if isinstance(event, kind):
                    return event
        raise AssertionError(f"closed without {kind.__name__}")


def framed(message: bytes, *, length: int | None = None, compressed: bool = False) -> bytes:
    """Return a message as gRPC frames it.

    :param length: what its prefix says instead of the truth.
    """
    size = len(message) if length is None else length
    return bytes([compressed]) + size.to_bytes(4, "big") + message
