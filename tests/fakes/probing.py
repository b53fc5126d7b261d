"""Calls with whatever one workspace may have got hold of of another, and what they are answered."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import Any, Final

import grpc
from google.protobuf import text_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from reflecting import Method, Place, place_of, put
from simulator_driver import REDIRECT
from tenants import BINDING, OURS

ABSENT: Final = "absent-one"
"""An id that nobody has."""
ABSENT_PROVIDER: Final = "absent_one"
_TRIES: Final = 12
_DETAILS: Final = "grpc-status-details-bin"
_NUMBERS = count(1)
_FRESH = re.compile(r"probe-\d{6}")
_MADE_ID = re.compile(r"\b[0-9][0-9a-hjkmnp-tv-z]{25}\b")
_ETAG = re.compile(r'etag: "[^\n]*')
_RANDOM = re.compile(r"(?<![\w-])[\w-]{43}(?![\w-])")
_TOKEN = re.compile(r'_token: "[^"\n]*"')

FILLS: Final[Mapping[str, str]] = {
    "browser_binding": BINDING,
    "code": "{fresh}",
    "confirm": OURS,
    "currency_code": "NZD",
    "display_name": "{fresh}",
    "external_id": "{fresh}",
    "invoice_date": "2026-10-01",
    "module": "tax_rates",
    "number": "{fresh}",
    "organisation": ABSENT,
    "provider": "xero",
    "quantity": "1",
    "rate": "15",
    "redirect_uri": REDIRECT,
    "sku": "{fresh}",
    "state": ABSENT,
    "unit_price": "1.00",
}
"""What goes into a field that a method asks for, by the field's name."""

GIVEN: Final[Mapping[str, Mapping[str, Any]]] = {
    "UpdateTaxMapping": {"taxMapping": {"notUsed": True}},
    "BatchUpdateTaxMappings": {"requests": [{"taxMapping": {"notUsed": True}}]},
    # Its run would change what the next probe is answered.
    "TriggerSync": {"validateOnly": True},
    "ImportCustomers": {"customers": [{"externalId": "{fresh}", "displayName": "{fresh}"}]},
    "ImportProducts": {"products": [{"externalId": "{fresh}", "sku": "{fresh}"}]},
    "ImportTaxCodes": {"taxCodes": [{"externalId": "{fresh}", "code": "{fresh}", "rate": "15"}]},
    "ImportInvoices": {"invoices": [{"invoice": {"externalId": "{fresh}", "number": "{fresh}"}}]},
}
"""What a method is given beside what it asks for, so that more of it is reached."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Everything a caller learns from one call."""

    code: str
    text: str = field(repr=False)
    """Messages, refusal, its details and every trailer, as text."""
    wrong: tuple[tuple[str, str], ...] = ()
    """Fields that were refused, with why."""

    def without(self, tried: re.Pattern[str]) -> tuple[str, str]:
        """Return the answer without what was asked and what each call makes anew."""
        text = tried.sub("<asked>", self.text)
        for pattern, instead in (
            (_FRESH, "<fresh>"),
            (_MADE_ID, "<id>"),
            (_ETAG, "<etag>"),
            (_RANDOM, "<random>"),
            (_TOKEN, "<token>"),
        ):
            text = pattern.sub(instead, text)
        return self.code, text


class Caller:
    """Somebody with credentials.

    :param channel: to the server; closed by whoever opened it.
    :param request_id: of every call.
    """

    def __init__(self, channel: grpc.Channel, token: str, request_id: str = "probe") -> None:
        self._channel = channel
        self._metadata = (("authorization", f"Bearer {token}"), ("x-request-id", request_id))
        self.calls = 0

    def ask(self, method: Method, request: Message) -> Answer:
        """Call; of a stream only what comes first is heard."""
        self.calls += 1
        try:
            messages, call = self._answered(method, request)
        except grpc.RpcError as error:
            return _refusal(error)
        metadata = (*call.initial_metadata(), *call.trailing_metadata())
        told = [*map(text_format.MessageToString, messages), _rendered(metadata)]
        return Answer(code="OK", text="\n".join(told))

    def hear(self, method: Method, request: Message) -> Message:
        """Return the one message a call is answered with; raises where it is refused."""
        messages, _ = self._answered(method, request)
        return messages[0]

    def _answered(self, method: Method, request: Message) -> tuple[list[Message], Any]:
        codec = {
            "request_serializer": method.request.SerializeToString,
            "response_deserializer": method.response.FromString,
        }
        if method.streams:
            stream = self._channel.unary_stream(method.path, **codec)(
                request, metadata=self._metadata, timeout=60
            )
            first = next(stream)
            stream.cancel()
            return [first], _Cancelled()
        answer, call = self._channel.unary_unary(method.path, **codec).with_call(
            request, metadata=self._metadata, timeout=60
        )
        return [answer], call


class _Cancelled:
    """What is left of a stream that nobody listens to."""

    def initial_metadata(self) -> tuple[()]:
        """Return nothing."""
        return ()

    trailing_metadata = initial_metadata


def _refusal(error: Any) -> Answer:
    status = status_pb2.Status()
    metadata = dict((*error.initial_metadata(), *error.trailing_metadata()))
    status.ParseFromString(metadata.pop(_DETAILS, b""))
    wrong = error_details_pb2.BadRequest()
    for detail in status.details:
        detail.Unpack(wrong)
    return Answer(
        code=error.code().name,
        text="\n".join(
            [error.details(), text_format.MessageToString(status), _rendered(metadata.items())]
        ),
        wrong=tuple((each.field, each.description) for each in wrong.field_violations),
    )


def _rendered(metadata: Iterable[tuple[str, Any]]) -> str:
    return "\n".join(f"{key}={value!r}" for key, value in sorted(metadata))


class UnknownFieldError(AssertionError):
    """A method asks for a field, and nobody has said what goes into it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Requests:
    """Makes requests that a method takes, finding out by its own refusals what it asks for.

    :param caller: who may do everything in the workspace.
    :param names: names of every kind of thing in the workspace, by their collection; those that
        are tried out end in an id that nobody has.
    """

    caller: Caller
    workspace: str
    names: Mapping[str, str]

    def complete(self, method: Method) -> Message:
        """Return a request that is not malformed, about things that are there.

        :raises UnknownFieldError: it asks for something that :data:`FILLS` says nothing about.
        """
        request: Message = method.request()
        ParseDict(fresh(GIVEN.get(method.name, {})), request)
        for _ in range(_TRIES):
            wrong = self.caller.ask(method, request).wrong
            if not wrong:
                return self._real(request)
            for path, _ in wrong:
                request = self._filled(method, request, place_of(path))
        raise UnknownFieldError(
            f"{method.name} refuses {text_format.MessageToString(request)}: {wrong}"
        )

    def takes_name(self, method: Method, base: Message, place: Place) -> bool:
        """Return whether a place is for a resource name, as the refusal of anything else says."""
        wrong = self.caller.ask(method, put(refreshed(base), place, "no name")).wrong
        return any(place_of(path) == place and "workspaces/{" in why for path, why in wrong)

    def _filled(self, method: Method, request: Message, place: Place) -> Message:
        if place[-1] in FILLS:
            return put(request, place, fresh(FILLS[place[-1]]))
        field = _field(request, place)
        if field.message_type is not None:
            return _begun(request, place)
        if field.enum_type is not None:
            return _chosen(request, place)
        path = ".".join(place)
        for name in self._absent():
            tried = put(request, place, name)
            if path not in {".".join(place_of(each)) for each, _ in self._wrong(method, tried)}:
                return tried
        raise UnknownFieldError(f"say in FILLS what goes into {path} of {method.name}")

    def _wrong(self, method: Method, request: Message) -> tuple[tuple[str, str], ...]:
        return self.caller.ask(method, request).wrong

    def _absent(self) -> Iterator[str]:
        """Yield what may go into a name: first what is not there, since some methods destroy."""
        yield f"workspaces/{self.workspace}"
        yield from self._real_by_absent
        yield from self.names.values()

    @cached_property
    def _real_by_absent(self) -> dict[str, str]:
        pairs = [(_absent(name), name) for name in self.names.values()]
        elsewhere = [(name.replace("/xero/", f"/{ABSENT_PROVIDER}/"), real) for name, real in pairs]
        return dict([*elsewhere, *pairs])

    def _real(self, request: Message) -> Message:
        """Return the request about what is there instead of what is not."""
        text = text_format.MessageToString(request)
        for name, real in self._real_by_absent.items():
            text = text.replace(f'"{name}"', f'"{real}"')
        return text_format.Parse(text, type(request)())


def _absent(name: str) -> str:
    """Return the name of something of the same kind that is not there."""
    parts = name.split("/")
    if parts[-1] == "settings":
        return f"{'/'.join(parts[:-2])}/{ABSENT_PROVIDER}/settings"
    if parts[-2] == "connections":
        return f"{'/'.join(parts[:-1])}/{ABSENT_PROVIDER}"
    return f"{'/'.join(parts[:-1])}/{ABSENT}"


def _field(request: Message, place: Place) -> FieldDescriptor:
    kind = request.DESCRIPTOR
    for name in place[:-1]:
        kind = kind.fields_by_name[name].message_type
    return kind.fields_by_name[place[-1]]


def _chosen(request: Message, place: Place) -> Message:
    """Return a request with the first choice that means something."""
    changed = _begun(request, place[:-1])
    held: Any = changed
    for name in place[:-1]:
        held = getattr(held, name)
        held = held[0] if held.__class__.__name__.startswith("Repeated") else held
    setattr(held, place[-1], 1)
    return changed


def _begun(request: Message, place: Place) -> Message:
    """Return a request in which a message is there, if empty."""
    changed: Any = type(request)()
    changed.CopyFrom(request)
    held = changed
    for name in place:
        descriptor = held.DESCRIPTOR.fields_by_name[name]
        held = getattr(held, name)
        if descriptor.is_repeated:
            held = held[0] if held else held.add()
        else:
            held.SetInParent()
    return changed


def fresh(given: Any) -> Any:
    """Return what was given with a text of its own in each place that asks for one."""
    if isinstance(given, str):
        return given.replace("{fresh}", f"probe-{next(_NUMBERS):06d}")
    if isinstance(given, Mapping):
        return {key: fresh(value) for key, value in given.items()}
    return [fresh(each) for each in given] if isinstance(given, list) else given


def refreshed(request: Message) -> Message:
    """Return a request whose own texts are new ones."""
    text = _FRESH.sub(lambda _: fresh("{fresh}"), text_format.MessageToString(request))
    return text_format.Parse(text, type(request)())


def twin(secret: str) -> str:
    """Return a text of the same form that means nothing."""
    return "".join(_next(each) for each in secret)


def _next(character: str) -> str:
    for alphabet in ("0123456789", "abcdef", "ghjkmnpqrstvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
        if character in alphabet:
            return alphabet[(alphabet.index(character) + 3) % len(alphabet)]
    return character
