"""Pages: how long one is, where it begins, and what leads to the next (AIP-158)."""

import base64
import copy
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, Generic, Protocol, TypeVar

from google.protobuf.message import Message

from syncline_server.rpc.fields import Fields

USUAL_SIZE: Final = 50
LARGEST_SIZE: Final = 1000
MOST_BYTES: Final = 3 * 1024 * 1024
"""How large the messages of a page may be together; clients take 4 MB by default."""
_FIELD: Final = "page_token"
_POSITION: Final = re.compile(r"[ -~]{1,200}")
_NUMBER: Final = re.compile(r"[0-9]{1,18}")  # what a database's integer surely holds

T = TypeVar("T")
M = TypeVar("M", bound=Message)


class ListRequest(Protocol):
    """What every List request has."""

    page_size: int
    page_token: str

    def SerializeToString(self, *, deterministic: bool = ...) -> bytes:  # noqa: N802 - protobuf's
        """Return the request as bytes."""


@dataclass(frozen=True, kw_only=True)
class Cut(Generic[M]):
    """One page as it is sent."""

    messages: list[M]
    next_page_token: str


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a List request asks for."""

    size: int
    position: str
    """What the last element of the page before was; empty on the first page."""
    query: str
    """A digest of everything the request says beside size and token."""

    @property
    def number(self) -> int:
        """The position where it is a number; 0 on the first page."""
        return int(self.position) if _NUMBER.fullmatch(self.position) else 0

    @property
    def limit(self) -> int:
        """How many elements to read: one more than fits, to know whether there is a next page."""
        return self.size + 1

    def cut(
        self, found: Sequence[T], position: Callable[[T], str], render: Callable[[T], M]
    ) -> Cut[M]:
        """Return the page and the token of the next one.

        :param found: at most :attr:`limit` elements behind :attr:`position`.
        :param position: what the next page begins behind when this is the last element.
        """
        messages: list[M] = []
        room = MOST_BYTES
        for element in found[: self.size]:
            message = render(element)
            room -= message.ByteSize()
            if room < 0 and messages:
                break
            messages.append(message)
        more = len(messages) < len(found)
        token = self._token(position(found[len(messages) - 1])) if more else ""
        return Cut(messages=messages, next_page_token=token)

    def _token(self, position: str) -> str:
        return base64.urlsafe_b64encode(json.dumps([self.query, position]).encode()).decode()


def page(request: ListRequest, fields: Fields) -> Page:
    """Return what a request asks for; notes a token of another query."""
    query = _digest(request)
    return Page(
        size=min(request.page_size, LARGEST_SIZE) or USUAL_SIZE,
        position=_position(request.page_token, query, fields),
        query=query,
    )


def _position(token: str, query: str, fields: Fields) -> str:
    if not token:
        return ""
    try:
        made_for, position = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, TypeError, RecursionError):
        made_for, position = "", ""
    if made_for != query or not _POSITION.fullmatch(str(position)):
        fields.wrong(_FIELD, "is not a next_page_token of the same request; begin without one")
        return ""
    return str(position)


def _digest(request: ListRequest) -> str:
    query = copy.deepcopy(request)
    query.page_size, query.page_token = 0, ""
    text = query.SerializeToString(deterministic=True)
    return blake2b(type(request).__name__.encode() + text, digest_size=12).hexdigest()
