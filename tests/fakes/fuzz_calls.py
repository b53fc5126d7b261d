"""Calls with made-up requests, and the judgement on each answer.

Whatever comes in, a server answers in time with a code that says what the caller can do, and with a
reason where the refusal is ours; it never fails, hangs or answers in a way nobody foresaw.
"""

import random
import time
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import grpc
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2, status_pb2
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from fuzz_requests import Known, payloads
from syncline_server.rpc.server import SERVICES

METHODS: Final[dict[str, MethodDescriptor]] = {
    f"/{service.full_name}/{method.name}": method
    for service in SERVICES
    for method in service.methods
}
"""Every method of the API, by its path."""
_PATIENCE: Final = 30.0
"""Seconds after which a call counts as hanging, on a machine however busy."""
_BUGS: Final = {"INTERNAL", "UNKNOWN", "DATA_LOSS", "UNIMPLEMENTED", "DEADLINE_EXCEEDED"}
_WITHOUT_REASON: Final = {"OK", "CANCELLED"}
_LETTERS: Final = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_LARGE: Final = 4 * 1024 * 1024
_DETAILS: Final = "grpc-status-details-bin"
Metadata = Sequence[tuple[str, str | bytes]]


class FindingError(AssertionError):
    """An answer that should never be given; says how to make the call again."""


@dataclass
class Tally:
    """What came of many calls."""

    codes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    """Calls that were answered with OK, by method."""
    called: Counter[str] = field(default_factory=Counter)
    fields: set[str] = field(default_factory=set)
    """Every field that was sent in a request that could be read, by full name."""
    slowest: tuple[float, str] = (0.0, "")

    def note(self, path: str, payload: bytes, answer: "Answer") -> None:
        """Count a call."""
        self.codes[answer.code] += 1
        self.called[path] += 1
        self.answered[path] += answer.code == "OK"
        if answer.reason:
            self.reasons[answer.reason] += 1
        self.slowest = max(self.slowest, (answer.seconds, path))
        self.fields.update(_fields(METHODS[path], payload))


@dataclass(frozen=True, kw_only=True)
class Answer:
    """How a call ended."""

    code: str
    reason: str
    """Of the ErrorInfo; empty without one."""
    seconds: float


class Caller:
    """Calls methods with bytes.

    :param metadata: goes with every call.
    :param tally: counts these calls with earlier ones.
    """

    def __init__(
        self, channel: grpc.Channel, metadata: Metadata = (), tally: Tally | None = None
    ) -> None:
        self._channel = channel
        self._metadata = tuple(metadata)
        self.tally = tally or Tally()

    def call(self, path: str, payload: bytes, metadata: Metadata = ()) -> Answer:
        """Call and judge the answer.

        :raises FindingError: it is none that should be given.
        """
        begin = time.monotonic()
        code, reason = self._ended(path, payload, (*self._metadata, *metadata))
        answer = Answer(code=code, reason=reason, seconds=time.monotonic() - begin)
        self.tally.note(path, payload, answer)
        problem = _problem(answer, payload)
        if problem:
            raise FindingError(f"{problem}: {path} {payload.hex()} {metadata or ''}")
        return answer

    def _ended(self, path: str, payload: bytes, metadata: Metadata) -> tuple[str, str]:
        method = METHODS[path]
        read = GetMessageClass(method.output_type).FromString
        try:
            if method.server_streaming:
                stream: Any = self._channel.unary_stream(path, response_deserializer=read)
                _follow(stream(payload, metadata=metadata, timeout=_PATIENCE))
            else:
                call: Any = self._channel.unary_unary(path, response_deserializer=read)
                call(payload, metadata=metadata, timeout=_PATIENCE)
        except grpc.RpcError as error:
            return error.code().name, _reason(error)  # type: ignore[attr-defined]  # what gRPC raises is a Call, too
        return "OK", ""


def _follow(stream: Any) -> None:
    """Read the first message, which comes at once, and leave."""
    for _message in stream:
        stream.cancel()
        return


def _reason(error: Any) -> str:
    trailers = dict(error.trailing_metadata() or ())
    info = error_details_pb2.ErrorInfo()
    for detail in status_pb2.Status.FromString(trailers.get(_DETAILS, b"")).details:
        if detail.Unpack(info):
            return str(info.reason)
    return ""


def _problem(answer: Answer, payload: bytes) -> str:
    """Return what is wrong with an answer; empty when nothing is."""
    if answer.code in _BUGS:
        return answer.code
    too_large = answer.code == "RESOURCE_EXHAUSTED" and len(payload) > _LARGE
    if answer.code not in _WITHOUT_REASON and not answer.reason and not too_large:
        return f"{answer.code} without a reason"
    return ""


def _fields(method: MethodDescriptor, payload: bytes) -> Iterator[str]:
    try:
        message = GetMessageClass(method.input_type).FromString(payload)
    except Exception:  # noqa: BLE001 - whatever it is, it says that these bytes are no request
        return
    yield from _set_fields(message)


def _set_fields(message: Any) -> Iterator[str]:
    for each, value in message.ListFields():
        yield each.full_name
        if each.message_type is None or each.message_type.file.package != "syncline.v1":
            continue
        if each.message_type.GetOptions().map_entry:
            continue
        for inner in value if each.is_repeated else (value,):
            yield from _set_fields(inner)


def mutants(payload: bytes, count: int) -> Iterator[bytes]:
    """Yield so many spoiled copies, always the same ones for the same bytes."""
    chance = random.Random(zlib.crc32(payload))  # noqa: S311 - to be repeated, not to be secret
    for _ in range(count):
        copy = bytearray(payload)
        for _change in range(chance.randint(1, 2)):
            _spoil(copy, chance)
        yield bytes(copy)


def _spoil(copy: bytearray, chance: random.Random) -> None:
    """Change a byte or add some; half the time a letter, so that the rest can still be read."""
    letters = [place for place, byte in enumerate(copy) if byte in _LETTERS]
    if letters and chance.random() < 0.5:
        copy[chance.choice(letters)] = chance.choice(b"0Aa~-_ /.")
        return
    place = chance.randrange(len(copy) + 1)
    if chance.random() < 0.3 or place == len(copy):
        copy[place:place] = chance.randbytes(chance.randint(1, 4))
    else:
        copy[place] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))


def fuzz(caller: Caller, known: Known, *, examples: int, start: int, spoiled: int = 0) -> None:
    """Call every method with made-up requests.

    :param examples: how many requests of each method.
    :param start: decides what is made up.
    :param spoiled: how many spoiled copies of each request are sent, too.
    :raises FindingError: for the smallest request that is answered as none should be.
    """
    # What ends the connection comes last.
    for path, method in sorted(METHODS.items(), key=lambda pair: "/Disconnect" in pair[0]):
        _fuzz_method(caller, path, payloads(method, known), (examples, start, spoiled))


def _fuzz_method(
    caller: Caller,
    path: str,
    requests: st.SearchStrategy[bytes],
    wishes: tuple[int, int, int],
) -> None:
    examples, start, spoiled = wishes

    @seed(start)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(requests)
    def call(payload: bytes) -> None:
        caller.call(path, payload)
        for spoilt in mutants(payload, spoiled):
            caller.call(path, spoilt)

    call()
