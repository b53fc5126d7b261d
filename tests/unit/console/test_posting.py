"""Forms as they come in."""

import asyncio
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from syncline_console.posting import form_of

MULTIPART = b"multipart/form-data; boundary=b"
FIELD = b'--b\r\nContent-Disposition: form-data; name="a"%s\r\n\r\n1\r\n--b--\r\n'


def posted(kind: bytes, *messages: Message) -> Request:
    """Return a request whose body comes in these messages."""
    coming: Iterator[Message] = iter(messages)
    scope = {
        "type": "http",
        "method": "POST",
        "app": Starlette(),
        "headers": [(b"content-type", kind)],
    }

    async def receive() -> Message:
        return next(coming)

    return Request(scope, receive)


def body(part: bytes, *, more: bool = False) -> Message:
    """Return a message with a part of a body."""
    return {"type": "http.request", "body": part, "more_body": more}


def test_form_is_read_whole() -> None:
    """However it is cut up, in the order of its fields."""
    kind = b"application/x-www-form-urlencoded"
    request = posted(kind, body(b"a=1&b", more=True), body(b"=2&a=%C3%A9"))

    form = asyncio.run(form_of(request))

    assert form.multi_items() == [("a", "1"), ("b", "2"), ("a", "é")]


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (MULTIPART, body(FIELD % b'; filename="f"')),
        (MULTIPART, body(b"no boundary")),
        (b"multipart/form-data", body(FIELD % b"")),
        (MULTIPART, {"type": "http.disconnect"}),
    ],
    ids=["file", "malformed", "no-boundary", "left"],
)
def test_what_no_page_sends_is_refused(kind: bytes, message: Message) -> None:
    """Files, what is no form, and a browser that leaves in the middle are no mistakes of ours."""
    with pytest.raises(HTTPException) as refused:
        asyncio.run(form_of(posted(kind, message)))
    assert refused.value.status_code == 400


def test_form_that_does_not_come_to_its_end_is_given_up() -> None:
    """Nobody holds a form open for ever."""

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    request = Request(posted(b"text/plain").scope, receive)
    with pytest.raises(HTTPException) as refused:
        asyncio.run(form_of(request, seconds=0))
    assert refused.value.status_code == 408


def test_a_form_may_have_less_room_than_others() -> None:
    """One byte more than it may have is too much."""
    kind = b"application/x-www-form-urlencoded"
    assert asyncio.run(form_of(posted(kind, body(b"a=12")), most=4))["a"] == "12"
    with pytest.raises(HTTPException) as refused:
        asyncio.run(form_of(posted(kind, body(b"a=123")), most=4))
    assert refused.value.status_code == 413
