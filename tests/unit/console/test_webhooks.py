import asyncio
from collections.abc import Callable
from typing import Any

import grpc
import httpx
import pytest
from starlette.requests import Request

from syncline_client import (
    DeadlineExceeded,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    SynclineError,
    Unauthenticated,
    Unavailable,
)
from syncline_client.errors import Explanation
from syncline_console.threads import Threads
from syncline_console.webhooks import MOST_BYTES, take

Visit = Callable[..., httpx.Response]
PATH = "/webhooks/xero"
ODD = b'{"events":[],"firstEventSequence": 0, "entropy": "\xc3\xbc"}\r\n'


def failing(kind: type[SynclineError], code: grpc.StatusCode, reason: str = "") -> SynclineError:
    """Return an error as the client raises it."""
    return kind(Explanation(code=code, message="s3cret", reason=reason, metadata={}))


def test_body_and_signature_arrive_as_they_came(server: Any, visit: Visit) -> None:
    """Byte for byte, whatever the body is said to be; and no other header goes on."""
    headers = {
        "X-Xero-Signature": "abc=",
        "Content-Type": "text/html",
        "Cookie": "a=b",
        "Authorization": "Bearer s3cret",
    }
    visit(PATH, "POST", content=ODD, headers=headers)

    (told,) = server.told
    assert (told.provider, told.body) == ("xero", ODD)
    assert dict(told.headers) == {"x-xero-signature": "abc="}


def test_what_was_taken_is_answered_with_an_empty_200(visit: Visit) -> None:
    """No body and no cookie, as Xero wants it."""
    answer = visit(PATH, "POST", content=ODD)
    assert (answer.status_code, answer.content) == (200, b"")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (
            failing(Unauthenticated, grpc.StatusCode.UNAUTHENTICATED, "WEBHOOK_SIGNATURE_INVALID"),
            401,
        ),
        (failing(Unauthenticated, grpc.StatusCode.UNAUTHENTICATED, "CREDENTIALS_INVALID"), 503),
        (failing(NotFound, grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND"), 404),
        (
            failing(
                FailedPrecondition, grpc.StatusCode.FAILED_PRECONDITION, "WEBHOOKS_NOT_CONFIGURED"
            ),
            503,
        ),
        (failing(InvalidArgument, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD"), 400),
        (failing(Unavailable, grpc.StatusCode.UNAVAILABLE), 503),
        (failing(DeadlineExceeded, grpc.StatusCode.DEADLINE_EXCEEDED), 503),
        (failing(SynclineError, grpc.StatusCode.INTERNAL, "INTERNAL"), 503),
    ],
    ids=["forged", "our-token", "provider", "no-key", "malformed", "down", "slow", "bug"],
)
def test_each_failure_has_its_status(
    server: Any, visit: Visit, failure: SynclineError, status: int
) -> None:
    """401 for a forged one, 400 for what is none; what may work later is 503, to be sent again."""
    server.failure = failure
    answer = visit(PATH, "POST", content=ODD)
    assert (answer.status_code, answer.content) == (status, b"")


def test_a_body_that_is_too_large_goes_no_further(server: Any, visit: Visit) -> None:
    """One byte more than the server takes."""
    assert visit(PATH, "POST", content=b"x" * MOST_BYTES).status_code == 200
    assert visit(PATH, "POST", content=b"x" * (MOST_BYTES + 1)).status_code == 413
    assert len(server.told) == 1


def test_only_a_post_is_a_webhook(server: Any, visit: Visit) -> None:
    """Whoever opens the address in a browser sees nothing."""
    assert visit(PATH).status_code == 405
    assert visit("/webhooks/xero/more", "POST", content=ODD).status_code == 404
    assert server.told == []


def test_long_or_many_signatures_are_not_handed_on(server: Any, visit: Visit) -> None:
    """The server would refuse them; without them it refuses the signature."""
    many = {f"x{number}-signature": "a" for number in range(30)}
    visit(PATH, "POST", content=ODD, headers={**many, "x-long-signature": "x" * 1_000})

    (told,) = server.told
    assert len(told.headers) == 20
    assert "x-long-signature" not in told.headers


@pytest.mark.parametrize("ending", ["hangs", "leaves"])
def test_a_sender_who_does_not_finish_holds_nobody(server: Any, ending: str) -> None:
    """A body that never ends is given up, one whose sender is gone is dropped."""

    async def receive() -> dict[str, object]:
        if ending == "leaves":
            return {"type": "http.disconnect"}
        await asyncio.Event().wait()
        raise AssertionError

    request = Request({"type": "http", "path_params": {"provider": "xero"}}, receive)
    answer = asyncio.run(take(request, server.deliver, Threads(1), seconds=0))

    assert answer.status_code == (408 if ending == "hangs" else 503)
    assert server.told == []


def test_a_server_that_hangs_has_webhooks_sent_again(server: Any) -> None:
    """Without a thread a delivery is neither taken nor kept waiting."""

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": ODD, "more_body": False}

    request = Request({"type": "http", "path_params": {"provider": "xero"}}, receive)
    answer = asyncio.run(take(request, server.deliver, Threads(0)))

    assert answer.status_code == 503
    assert server.told == []
