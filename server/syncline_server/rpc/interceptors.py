"""What happens around every call, in one interceptor: it alone knows the caller and ends calls.

Request id, log context, credentials, role, access log, and the one catch-all that turns whatever
was raised into a status. gRPC itself never begins a call whose deadline passed while it waited.
Handlers raise refusals and never abort: ``context.abort`` raises a bare exception
(https://github.com/grpc/grpc/issues/36009) that nothing could tell from a bug, and what escapes a
handler would reach the caller with its text.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import grpc
import structlog
from google.protobuf.message import Message

from syncline_server.core.access import Identity, Limit
from syncline_server.core.errors import PermissionDenied, Unauthenticated
from syncline_server.rpc import deadlines, errors, identity
from syncline_server.rpc.acting import Acts, Call, Ending, limit, nothing, unwatched
from syncline_server.rpc.erasing import LetPass, anywhere
from syncline_server.rpc.identity import Authenticate
from syncline_server.rpc.open_streams import OpenStreams
from syncline_server.rpc.permissions import ANY_CALLER, RULES, Rule, permit, permit_in
from syncline_server.rpc.redaction import redacted
from syncline_server.rpc.throttling import Throttle, unlimited
from syncline_server.rpc.validation import reading, refuse_unreadable, validate

REQUEST_ID_KEY: Final = "x-request-id"
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
HEALTH: Final = "/grpc.health.v1."
REFLECTION: Final = "/grpc.reflection."
_OK: Final = grpc.StatusCode.OK.name
_CANCELLED: Final = grpc.StatusCode.CANCELLED.name
_log = structlog.get_logger(__name__)

Send = Callable[[Message | Exception | None], None]
"""Sends one message of a stream; an exception or None ends it."""
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"  # generic for type checkers only


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a call is given from outside."""

    authenticate: Authenticate
    """Asked when a call arrives."""
    authenticate_again: Authenticate
    """Asked while it goes on: credentials that were good once are no guess when they end."""
    make_request_id: Callable[[], str]
    throttle: Throttle = unlimited
    let_pass: LetPass = anywhere
    """Keeps calls away from a workspace that is being erased."""
    log_requests: bool = False
    """Whether requests are logged, too, without what is marked secret."""
    unguarded: tuple[str, ...] = (HEALTH, REFLECTION)
    """Which of the two are let through as they are; the others are for callers."""
    streams: OpenStreams = field(default_factory=OpenStreams)
    """Where streams are noted while they are open."""
    acts: Acts = unwatched
    """Begins the audit entry of a call."""


class CallInterceptor(grpc.ServerInterceptor):
    """Surrounds every method of the API, and health and reflection where they are guarded.

    :param rules: what each method needs, by its path.
    """

    def __init__(self, surroundings: Surroundings, rules: Mapping[str, Rule] = RULES) -> None:
        self._surroundings = surroundings
        self._rules = rules
        self._wrapped: dict[str, Handler] = {}

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], "Handler | None"],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "Handler | None":
        """Return the method's handler with everything around it; made once for each method."""
        method = handler_call_details.method
        known = self._wrapped.get(method)
        if known is not None:
            return known
        handler = continuation(handler_call_details)
        if handler is None or method.startswith(self._surroundings.unguarded):
            return handler
        wrapped = self._wrap(method, handler)
        self._wrapped[method] = wrapped
        return wrapped

    def _wrap(self, method: str, handler: Handler) -> Handler:
        guarded = method.startswith((HEALTH, REFLECTION))
        rule = ANY_CALLER if guarded else self._rules[method]
        begin = _Beginning(method, rule, self._surroundings)
        if handler.request_streaming:
            return grpc.stream_stream_rpc_method_handler(
                _conversed(begin, handler.stream_stream),
                handler.request_deserializer,
                handler.response_serializer,
            )
        read = reading(handler.request_deserializer)
        if not handler.response_streaming:
            return grpc.unary_unary_rpc_method_handler(
                _unary(begin, handler.unary_unary),
                read,
                handler.response_serializer,
            )
        return grpc.unary_stream_rpc_method_handler(
            _notified(begin, handler.unary_stream), read, handler.response_serializer
        )


def non_blocking(behaviour: Any) -> Any:
    """Mark a server-streaming handler as one that is handed ``send`` and returns at once.

    gRPC looks for this attribute; see ``grpc_health.v1.health``, which uses it, too.
    """
    behaviour.experimental_non_blocking = True
    return behaviour


def is_non_blocking(behaviour: object) -> bool:
    """Return whether a handler is marked by :func:`non_blocking`."""
    return bool(getattr(behaviour, "experimental_non_blocking", False))


@dataclass(frozen=True)
class _Beginning:
    """Starts calls of one method."""

    method: str
    rule: Rule
    surroundings: Surroundings

    def __call__(self, context: grpc.ServicerContext) -> "_Call":
        return _Call(self, context)


class _Call:
    """One call, from its arrival to the line in the log."""

    def __init__(self, beginning: _Beginning, context: grpc.ServicerContext) -> None:
        self._started = time.monotonic()
        self._beginning = beginning
        self._context = context
        self._workspace = ""
        self._subject = ""
        self._arrival = identity.arrival(context)
        self._is_known = False
        self._end_act: Ending = nothing
        self._limit: Limit | None = None
        self.request_id = (
            _given_id(self._arrival.metadata) or beginning.surroundings.make_request_id()
        )
        structlog.contextvars.bind_contextvars(request_id=self.request_id)
        context.set_trailing_metadata(((REQUEST_ID_KEY, self.request_id),))

    def admit(self, request: Message) -> None:
        """Let the call in, or raise the refusal."""
        caller = self.authenticate()
        self._subject = caller.subject
        self._beginning.surroundings.throttle(caller, self._beginning.method, request)
        refuse_unreadable(request)
        self._end_act = self._beginning.surroundings.acts(
            Call(
                method=self._beginning.method,
                rule=self._beginning.rule,
                arrival=self._arrival,
                caller=caller,
                request=request,
                request_id=self.request_id,
            )
        )
        self._limit = limit()
        caller = self._limited(caller)
        self._workspace = permit(self._beginning.rule, caller, request)
        self._beginning.surroundings.let_pass(self._beginning.method, self._workspace)
        validate(request)
        identity.enter(caller)
        if self._beginning.surroundings.log_requests:
            _log.info("request", action="rpc_request", request=redacted(request))

    def authenticate(self) -> Identity:
        """Return whose call it is, or raise the refusal."""
        given = self._beginning.surroundings
        authenticate = given.authenticate_again if self._is_known else given.authenticate
        found = authenticate(self._arrival)
        self._is_known = True
        return found

    def look(self) -> None:
        """Raise the refusal when it would not be let in any more.

        A request may be large: all that is kept of one is the workspace.
        """
        permit_in(self._beginning.rule, self._limited(self.authenticate()), self._workspace)

    def _limited(self, caller: Identity) -> Identity:
        """Return the caller with no more rights than the person has for whom it calls."""
        return caller.within(self._limit) if self._limit else caller

    @property
    def streams(self) -> OpenStreams:
        """Where it is noted while it is an open stream."""
        return self._beginning.surroundings.streams

    def explain(self, error: Exception) -> errors.Failure:
        """Return how the call ends that raised this, and prepare its trailers."""
        found = errors.failure(error, self.request_id)
        if found.code is grpc.StatusCode.INTERNAL:
            _log.error(
                "call crashed",
                action="rpc_crash",
                method=self._beginning.method,
                request_id=self.request_id,
                exc_info=error,
            )
        self._context.set_trailing_metadata(((REQUEST_ID_KEY, self.request_id), found.trailer))
        return found

    def close(self, code: str, reason: str = "") -> None:
        """End the call's act and write its line into the log."""
        self.settle(code, reason)
        self.tell(code, reason)

    def settle(self, code: str, reason: str = "") -> None:
        """End the call's act, on the thread where it began: this may write to the database."""
        self._end_act(code, reason)

    def tell(self, code: str, reason: str = "") -> None:
        """Write the call's line into the log."""
        _log.info(
            "call",
            action="rpc",
            method=self._beginning.method,
            code=code,
            reason=reason,
            milliseconds=round((time.monotonic() - self._started) * 1000, 1),
            workspace=self._workspace,
            caller=self._subject,
            request_id=self.request_id,
        )

    def abort(self, error: Exception) -> None:
        """End the call with what this error comes to; raises."""
        found = self.explain(error)
        self.close(found.code.name, found.reason)
        self._context.abort(found.code, found.message)


def _unary(begin: _Beginning, behaviour: Any) -> Any:
    def call(request: Message, context: grpc.ServicerContext) -> Any:
        current = begin(context)
        try:
            current.admit(request)
            deadlines.enter(context)
            response = behaviour(request, context)
        except Exception as error:  # noqa: BLE001 - the edge: nothing may escape with its text
            return current.abort(error)
        current.close(_OK)
        return response

    return call


def _conversed(begin: _Beginning, behaviour: Any) -> Any:
    """Surround a stream of questions and answers, such as reflection; each question is let in."""

    def call(requests: Iterator[Message], context: grpc.ServicerContext) -> Iterator[Any]:
        current = begin(context)

        def admitted() -> Iterator[Message]:
            for request in requests:
                current.admit(request)
                yield request

        try:
            current.authenticate()
            yield from behaviour(admitted(), context)
        except grpc.RpcError:  # the caller went away in between
            current.close(_CANCELLED)
        except Exception as error:  # noqa: BLE001 - the edge: nothing may escape with its text
            current.abort(error)
        else:
            current.close(_OK)

    # Or each conversation would hold one of the calls' own threads for as long as it lasts.
    call.experimental_thread_pool = getattr(behaviour, "experimental_thread_pool", None)  # type: ignore[attr-defined]  # gRPC's
    return call


def _notified(begin: _Beginning, behaviour: Any) -> Any:
    def call(request: Message, context: grpc.ServicerContext, send: Any) -> None:
        current = begin(context)
        stream = _Stream(current, context, send)
        try:
            current.admit(request)
            is_open = stream.open()
            if is_open:
                behaviour(request, context, stream.send)
        except Exception as error:  # noqa: BLE001 - the edge: nothing may escape with its text
            if stream.abandon():
                current.abort(error)
            else:
                found = current.explain(error)
                current.settle(found.code.name, found.reason)
        else:
            # The stream may go on, and end on gRPC's one serving thread, which must not wait.
            current.settle(_OK if is_open else _CANCELLED)

    return non_blocking(call)


class _Stream:
    """The sending side of one non-blocking stream; ends once, however many want to end it."""

    def __init__(self, call: _Call, context: grpc.ServicerContext, send: Any) -> None:
        self._call = call
        self._context = context
        self._send = send
        self._ended = False
        self._lock = threading.Lock()

    def open(self) -> bool:
        """Note that the stream begins; return False when its caller is gone already."""
        self._call.streams.add(self)
        if self._context.add_callback(self.left):
            return True
        self.left()
        return False

    def look(self) -> None:
        """End the stream when its caller may not have it any more, though there is nothing to send.

        :raises Unavailable: nothing can be told of them now.
        """
        try:
            self._call.look()
        except (Unauthenticated, PermissionDenied) as refusal:
            self.send(refusal)

    def send(self, message: Message | Exception | None) -> None:
        """Send a message, or end the stream. Blocks while the caller does not read."""
        if isinstance(message, Message):
            self._send_on(message)
        elif self._end():
            self._finish(message)

    def left(self) -> None:
        """Note that the call is over, whoever ended it; gRPC tells this on its serving thread."""
        if self._end():
            self._call.tell(_CANCELLED)

    def abandon(self) -> bool:
        """Leave it to the caller to end the call and write its line; False if that is done."""
        return self._end()

    def _send_on(self, message: Message) -> None:
        try:
            self._call.look()  # a revoked token must not go on watching
        except Exception as error:  # noqa: BLE001 - the edge: nothing may escape with its text
            self.send(error)
        else:
            if not self._ended:
                self._send(message)

    def _finish(self, error: Exception | None) -> None:
        code, reason = _OK, ""
        if error is not None:
            found = self._call.explain(error)
            self._context.set_code(found.code)
            self._context.set_details(found.message)
            code, reason = found.code.name, found.reason
        self._send(None)
        self._call.tell(code, reason)

    def _end(self) -> bool:
        """Return True to the first who asks."""
        self._call.streams.discard(self)
        with self._lock:
            first, self._ended = not self._ended, True
        return first


def _given_id(metadata: identity.Metadata) -> str | None:
    for key, value in metadata:
        if key == REQUEST_ID_KEY and isinstance(value, str) and _REQUEST_ID.fullmatch(value):
            return value
    return None
