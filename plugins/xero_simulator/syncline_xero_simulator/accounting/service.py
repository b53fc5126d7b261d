"""Answering one accounting request, from gate to envelope."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from werkzeug.wrappers import Request, Response

from syncline_xero_simulator.accounting.call import Announce, Call, Category
from syncline_xero_simulator.accounting.endpoints import Endpoint, Handler
from syncline_xero_simulator.accounting.gate import Admission, Gate, Knock
from syncline_xero_simulator.clock import SimulatorClock
from syncline_xero_simulator.counters import Counters
from syncline_xero_simulator.idempotency import (
    LONGEST_KEY,
    Answer,
    IdempotencyKeys,
    KeyBusyError,
    KeyMismatchError,
    fingerprint,
)
from syncline_xero_simulator.limits import Limits
from syncline_xero_simulator.minting import Mint
from syncline_xero_simulator.switches import Switches
from syncline_xero_simulator.wire.dates import whole_milliseconds
from syncline_xero_simulator.wire.envelope import wrap
from syncline_xero_simulator.wire.problems import (
    ProblemError,
    api_exception,
    not_found,
    not_implemented,
    plain,
)

_JSON = "application/json; charset=utf-8"
_XML = (
    '<Response xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><Status>OK</Status></Response>'
)
_LONGEST_QUERY = 2000
PAUSE_KEY = "syncline.pause"
"""Where a request carries what to call where a fault makes it slow: it returns after the pause."""
_LARGEST_BODY = 10_000_000
_KEYED_METHODS = ("POST", "PUT", "PATCH")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceParts:
    """What the service works with."""

    gate: Gate
    limits: Limits
    counters: Counters
    idempotency: IdempotencyKeys
    clock: SimulatorClock
    mint: Mint
    endpoints: Mapping[str, Endpoint]
    app_name: str
    switches: Callable[[], Switches]
    announce: Callable[[str, Category, str, bool], None]


class AccountingService:
    """Answers requests under /api.xro/2.0."""

    def __init__(self, parts: ServiceParts) -> None:
        self._parts = parts

    def respond(self, request: Request, name: str, key: str) -> Response:
        """Answer one request for endpoint `name`; `key` is what follows it, maybe empty."""
        tenant_id = request.headers.get("xero-tenant-id", "").strip().lower()
        now = whole_milliseconds(self._parts.clock.now())
        correlation_id = self._parts.mint.guid()
        label = f"{request.method} {name}{'/{key}' if key else ''}"
        self._parts.counters.started(tenant_id, label, now)
        answer = Answer(status=0, body="", content_type=_JSON)
        try:
            answer = self._guarded(request, name, key, correlation_id)
        finally:
            self._parts.counters.ended(tenant_id, answer.status)
        return self._response(answer, tenant_id, correlation_id, now)

    def _guarded(self, request: Request, name: str, key: str, correlation_id: str) -> Answer:
        try:
            return self._answer(request, name, key, correlation_id)
        except ProblemError as problem:
            return _answer_of(problem)

    def _answer(self, request: Request, name: str, key: str, correlation_id: str) -> Answer:
        if len(request.query_string) > _LONGEST_QUERY:
            raise not_found()
        endpoint = self._parts.endpoints.get(name.lower())
        if endpoint is None:
            raise not_found()
        now = whole_milliseconds(self._parts.clock.now())
        knock = Knock(
            method=request.method,
            authorization=request.headers.get("Authorization", ""),
            tenant_id=request.headers.get("xero-tenant-id", "").strip().lower(),
            endpoint=endpoint,
            now=now,
            switches=self._parts.switches(),
        )
        admission = self._parts.gate.admit(knock)
        try:
            handler = _handler(request, endpoint, key)
            work = _Work(request, key, handler, admission, knock, correlation_id)
            self._pause(request)
            return self._keyed(work)
        finally:
            self._parts.limits.leave(knock.tenant_id)

    def _pause(self, request: Request) -> None:
        """Be slow where a fault asks for it, as a call under way that holds no lock."""
        pause = request.environ.get(PAUSE_KEY)
        if pause is not None:
            pause()

    def _keyed(self, work: "_Work") -> Answer:
        key = work.request.headers.get("Idempotency-Key", "")
        if not key or work.request.method not in _KEYED_METHODS:
            return self._performed(work)
        replay = self._claimed(key, work)
        if replay is not None:
            return _replayed(replay, work.knock.switches)
        answer: Answer | None = None
        try:
            answer = self._remembering_refusals(work)
            return answer
        finally:
            cached = work.knock.switches.idempotency_caches_validation
            keep = answer is not None and (cached or answer.status != HTTPStatus.BAD_REQUEST)
            self._parts.idempotency.finish(key, answer if keep else None)

    def _claimed(self, key: str, work: "_Work") -> Answer | None:
        if len(key) > LONGEST_KEY:
            raise _idempotency_problem("The Idempotency-Key is longer than 128 characters")
        switches = work.knock.switches
        tenant = work.knock.tenant_id if switches.idempotency_includes_tenant else ""
        request = work.request
        print_ = fingerprint(
            request.method, request.path, request.query_string, tenant, request.get_data()
        )
        try:
            return self._parts.idempotency.begin(
                key, print_, work.knock.now, switches.idempotency_concurrent
            )
        except KeyMismatchError as error:
            message = "The Idempotency-Key is used with a different request"
            raise _idempotency_problem(message) from error
        except KeyBusyError as error:
            message = "A request with this Idempotency-Key is still in progress"
            raise _idempotency_problem(message) from error

    def _remembering_refusals(self, work: "_Work") -> Answer:
        try:
            return self._performed(work)
        except ProblemError as problem:
            return _answer_of(problem)

    def _performed(self, work: "_Work") -> Answer:
        call = self._call(work)
        with call.books.lock:
            listing = work.handler(call, work.key)
        if listing is None:
            return Answer(status=204, body="", content_type=_JSON)
        if not _wants_json(work.request):
            return Answer(status=200, body=_XML, content_type="text/xml; charset=utf-8")
        body = wrap(listing, work.correlation_id, self._parts.app_name, call.now)
        return Answer(status=200, body=body, content_type=_JSON)

    def _call(self, work: "_Work") -> Call:
        request, knock = work.request, work.knock
        return Call(
            method=request.method,
            query=request.args.to_dict(),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=request.get_data(),
            books=work.admission.books,
            scopes=work.admission.caller.scopes,
            now=knock.now,
            switches=knock.switches,
            mint=self._parts.mint,
            announce=self._announcer(knock.tenant_id),
        )

    def _announcer(self, tenant_id: str) -> Announce:
        def announce(category: Category, record_id: str, created: bool) -> None:  # noqa: FBT001 - the callable type of Announce
            self._parts.announce(tenant_id, category, record_id, created)

        return announce

    def _response(
        self, answer: Answer, tenant_id: str, correlation_id: str, now: datetime
    ) -> Response:
        response = Response(answer.body, answer.status, content_type=answer.content_type)
        response.headers["Xero-Correlation-Id"] = correlation_id
        response.headers["Cache-Control"] = "max-age=0, no-cache, no-store"
        left = self._parts.limits.remaining(tenant_id, now)
        response.headers["X-MinLimit-Remaining"] = str(left.minute)
        response.headers["X-DayLimit-Remaining"] = str(left.day)
        response.headers["X-AppMinLimit-Remaining"] = str(left.app_minute)
        for name, value in answer.headers:
            response.headers[name] = value
        return response


@dataclass(frozen=True, slots=True)
class _Work:
    request: Request
    key: str
    handler: Handler
    admission: Admission
    knock: Knock
    correlation_id: str


def _handler(request: Request, endpoint: Endpoint, key: str) -> Handler:
    handler = endpoint.handler(request.method, key)
    if handler is None:
        raise not_implemented()
    if request.method in _KEYED_METHODS:
        kind = request.mimetype
        if kind and kind != "text/json" and not kind.endswith("json"):
            raise plain(415, "Unsupported Media Type")
        if (request.content_length or 0) > _LARGEST_BODY:
            raise plain(413, "The request body is too large")
    return handler


def _wants_json(request: Request) -> bool:
    return "json" in request.headers.get("Accept", "").lower()


def _answer_of(problem: ProblemError) -> Answer:
    return Answer(
        status=problem.status,
        body=problem.body,
        content_type=problem.content_type,
        headers=tuple(problem.headers.items()),
    )


def _replayed(answer: Answer, switches: Switches) -> Answer:
    if not switches.idempotency_replay_header:
        return answer
    return Answer(
        status=answer.status,
        body=answer.body,
        content_type=answer.content_type,
        headers=(*answer.headers, ("Idempotent-Replayed", "true")),
    )


def _idempotency_problem(message: str) -> ProblemError:
    return api_exception(400, 10, "IdempotencyException", message)
