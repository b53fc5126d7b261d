from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from syncline_sdk import WebhookEvent, Webhooks
from syncline_sdk.testing import check_webhooks
from told import HEADER, WEBHOOK_KEY, Told, body_of, headers_of, told_webhooks

BODY = body_of(Told("kauri", "CONTACT", "c1"))
Verify = Callable[[str, Mapping[str, str], bytes], bool]


def check(webhooks: Webhooks) -> None:
    """Check webhooks with a delivery of the ledger."""
    check_webhooks(webhooks, WEBHOOK_KEY, headers_of(BODY), BODY)


def test_webhooks_as_they_should_be_pass() -> None:
    """Nothing is raised."""
    check(told_webhooks())


@pytest.mark.parametrize(
    ("verify", "what"),
    [
        (lambda _key, _headers, _body: False, "a signed delivery is refused"),
        (lambda _key, _headers, _body: True, "one wrong character is taken"),
        (
            lambda key, headers, _body: told_webhooks().verify(key, headers, BODY),
            "one byte more is taken",
        ),
        (
            lambda _key, headers, body: told_webhooks().verify(WEBHOOK_KEY, headers, body),
            "another key's signature is taken",
        ),
        (
            lambda key, headers, body: (
                HEADER not in headers or told_webhooks().verify(key, headers, body)
            ),
            "a delivery without a signature is taken",
        ),
    ],
    ids=["nothing", "anything", "any-body", "any-key", "no-signature"],
)
def test_what_takes_a_forged_one_fails(verify: Verify, what: str) -> None:
    """And says what is wrong with it."""
    with pytest.raises(AssertionError, match=what):
        check(replace(told_webhooks(), verify=verify))


def test_what_reads_anything_fails() -> None:
    """A body that makes no sense is to be refused, or it is stored as nothing without a word."""

    def read(_body: bytes) -> list[WebhookEvent]:
        return []

    with pytest.raises(AssertionError, match="makes no sense"):
        check(replace(told_webhooks(), read=read))
