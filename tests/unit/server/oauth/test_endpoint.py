import base64
import logging
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs

import httpx
import pytest

from clockwork import START, Clockwork
from ledger import HOME, REDIRECT, ledger_provider
from syncline_sdk import HostRefused, RunFailed
from syncline_server.core.tokens import TokenSet
from syncline_server.oauth.endpoint import TokenEndpoint
from syncline_server.oauth.errors import (
    ClientMisconfigured,
    EndpointUnavailable,
    GrantDead,
    OAuthError,
)
from syncline_server.oauth.registration import Registration
from syncline_server.outbound.clients import token_client

ANSWER = {"access_token": "planted-access", "expires_in": 1800, "refresh_token": "planted-refresh"}
SECRETS = ("planted-secret", "planted-code", "planted-verifier", "planted-old")


def endpoint(answer: Callable[[httpx.Request], httpx.Response]) -> TokenEndpoint:
    """Return a client for a token endpoint that answers so."""
    registration = Registration(
        client_id="us", client_secret="planted-secret", redirect_uris=(REDIRECT,)
    )
    http = httpx.Client(transport=httpx.MockTransport(answer))
    return TokenEndpoint(http, ledger_provider().addresses, registration, Clockwork())


def answering(status: int, **kwargs: object) -> TokenEndpoint:
    """Return a client for a token endpoint that always answers the same."""
    return endpoint(lambda _: httpx.Response(status, **kwargs))  # type: ignore[arg-type]


class Recorder:
    """Answers with tokens and keeps the request."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        self.request = request
        return httpx.Response(200, json=ANSWER)

    @property
    def form(self) -> dict[str, str]:
        """The fields that were sent."""
        return {key: values[0] for key, values in parse_qs(self.request.content.decode()).items()}


def test_exchange_sends_code_and_verifier_as_a_form() -> None:
    """The code goes out once with the verifier, the redirect address and Basic authentication."""
    record = Recorder()

    tokens = endpoint(record).exchange("planted-code", "planted-verifier", REDIRECT)

    basic = base64.b64encode(b"us:planted-secret").decode()
    assert str(record.request.url) == f"{HOME}/oauth/token"
    assert record.request.headers["Authorization"] == f"Basic {basic}"
    assert record.request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert record.form == {
        "grant_type": "authorization_code",
        "code": "planted-code",
        "code_verifier": "planted-verifier",
        "redirect_uri": REDIRECT,
    }
    assert tokens == TokenSet(
        access="planted-access",
        refresh="planted-refresh",
        expire_time=START + timedelta(seconds=1800),
    )


def test_refresh_sends_the_refresh_token() -> None:
    """A renewal sends nothing but the refresh token."""
    record = Recorder()

    endpoint(record).refresh("planted-old")

    assert record.form == {"grant_type": "refresh_token", "refresh_token": "planted-old"}


def test_revoke_sends_the_refresh_token_to_the_revocation_address() -> None:
    """A grant is given back as RFC 7009 says."""
    record = Recorder()

    endpoint(record).revoke("planted-old")

    assert str(record.request.url) == f"{HOME}/oauth/revoke"
    assert record.form == {"token": "planted-old"}


def test_answer_without_refresh_token_keeps_the_old_one() -> None:
    """A provider that does not rotate leaves the refresh token in force."""
    tokens = answering(200, json={"access_token": "a", "expires_in": "60"}).refresh("planted-old")

    assert tokens.refresh == "planted-old"


def test_code_that_buys_no_refresh_token_is_a_misconfiguration() -> None:
    """Without a way to renew, access would end within the hour."""
    with pytest.raises(ClientMisconfigured, match="no_refresh_token"):
        answering(200, json={"access_token": "a"}).exchange("code", "verifier", REDIRECT)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, '{"error": "invalid_grant"}', GrantDead),
        (400, '{"error": "invalid_client"}', ClientMisconfigured),
        (401, '{"error": "invalid_client"}', ClientMisconfigured),
        (401, "", ClientMisconfigured),
        (400, '{"error": "unauthorized_client"}', ClientMisconfigured),
        (400, '{"error": "invalid_scope"}', ClientMisconfigured),
        (400, '{"error": "invalid_request"}', ClientMisconfigured),
        (400, '{"error": "unsupported_grant_type"}', ClientMisconfigured),
        (400, "<html>", EndpointUnavailable),
        (400, '{"error": "novel"}', EndpointUnavailable),
        (429, "", EndpointUnavailable),
        (500, '{"error": "invalid_grant"}', EndpointUnavailable),
        (503, "", EndpointUnavailable),
        (302, "", EndpointUnavailable),
        (200, '{"access_token":', EndpointUnavailable),
        (200, "{}", EndpointUnavailable),
    ],
)
def test_answers_are_sorted_by_who_must_act(status: int, body: str, kind: type[OAuthError]) -> None:
    """Only ``invalid_grant`` means that the person must consent again."""
    with pytest.raises(OAuthError) as caught:
        answering(status, content=body).refresh("planted-old")

    assert type(caught.value) is kind


@pytest.mark.parametrize("broken", [httpx.ConnectError, httpx.ReadTimeout, httpx.DecodingError])
def test_broken_connection_is_unavailable(broken: type[httpx.RequestError]) -> None:
    """Nothing is known about the grant when no answer arrives."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise broken("planted-secret", request=request)

    with pytest.raises(EndpointUnavailable) as caught:
        endpoint(fail).refresh("planted-old")

    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_refused_revocation_is_told() -> None:
    """Whether a grant was given back is never guessed."""
    with pytest.raises(EndpointUnavailable):
        answering(503).revoke("planted-old")


def test_errors_and_logs_hold_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever fails, neither its text nor what is logged repeats what was sent or received."""
    caplog.set_level(logging.DEBUG)
    texts = []
    for status, body in ((400, '{"error": "invalid_grant"}'), (400, "{}"), (503, "planted-echo")):
        with pytest.raises(OAuthError) as caught:
            answering(status, content=body).exchange("planted-code", "planted-verifier", REDIRECT)
        texts.append(repr(caught.value))
    tokens = answering(200, json=ANSWER).refresh("planted-old")

    assert "planted" not in f"{texts} {tokens!r} {caplog.text}"


@pytest.mark.parametrize(
    "answer",
    [
        {"json": {**ANSWER, "token_type": "mac"}},
        {"json": {**ANSWER, "token_type": "DPoP"}},
        {"html": "<html><body>Sign in</body></html>"},
        {"json": [ANSWER]},
        {"json": {**ANSWER, "access_token": "planted\r\nHost: evil.example"}},
    ],
    ids=["mac", "dpop", "html", "list", "header"],
)
def test_answer_that_brings_no_bearer_token_is_not_used(answer: dict[str, object]) -> None:
    """A token of another type, a page and what would break a header are no tokens."""
    with pytest.raises(EndpointUnavailable):
        answering(200, **answer).exchange("code", "verifier", REDIRECT)


@pytest.mark.parametrize("kind", ["Bearer", "bearer", "BEARER"])
def test_bearer_is_bearer_in_any_case(kind: str) -> None:
    """RFC 6749 5.1 leaves the case of the type open."""
    json = {**ANSWER, "token_type": kind}

    assert answering(200, json=json).exchange("code", "verifier", REDIRECT).refresh


def test_redirect_of_the_token_endpoint_is_not_followed() -> None:
    """Code, verifier and client secret go nowhere but to the address that is configured."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(307, headers={"Location": "https://evil.example/token"})

    with pytest.raises(EndpointUnavailable):
        endpoint(answer).exchange("code", "verifier", REDIRECT)

    assert asked == [f"{HOME}/oauth/token"]


def test_answer_without_end_is_not_read_to_its_end() -> None:
    """A token endpoint that sends megabytes is one that does not answer."""
    answers = httpx.MockTransport(lambda _: httpx.Response(200, content=b" " * 2_000_000))
    registration = Registration(client_id="us", client_secret="s", redirect_uris=(REDIRECT,))
    http = token_client(answers)
    large = TokenEndpoint(http, ledger_provider().addresses, registration, Clockwork())

    with pytest.raises(EndpointUnavailable):
        large.exchange("code", "verifier", REDIRECT)


@pytest.mark.parametrize("granted", ["read write", "write read more", ""])
def test_what_was_asked_for_is_taken(granted: str) -> None:
    """An answer grants what it names, and what was asked for where it names nothing."""
    client = answering(200, json={**ANSWER, "scope": granted})

    assert client.exchange("code", "verifier", REDIRECT, ("read", "write")).refresh


@pytest.mark.parametrize("granted", ["read", "reading write", "READ WRITE", "read,write"])
def test_less_than_was_asked_for_is_not_taken(granted: str) -> None:
    """An answer that names its scopes has to name every one that was asked for."""
    client = answering(200, json={**ANSWER, "scope": granted})

    with pytest.raises(GrantDead):
        client.exchange("code", "verifier", REDIRECT, ("read", "write"))


@pytest.mark.parametrize(
    ("broken", "at_work"),
    [
        (HostRefused("not declared"), False),
        (httpx.ConnectError("planted-secret"), False),
        (httpx.ReadTimeout("planted-secret"), True),
        (RunFailed("ANSWER_TOO_LARGE", "too large"), True),
    ],
    ids=["refused host", "no connection", "no answer", "endless answer"],
)
def test_what_never_left_is_not_at_work(broken: Exception, *, at_work: bool) -> None:
    """A call that was not made can be repeated at once; of any other nobody knows."""

    def fail(_request: httpx.Request) -> httpx.Response:
        raise broken

    with pytest.raises(EndpointUnavailable) as caught:
        endpoint(fail).refresh("planted-old")

    assert caught.value.at_work is at_work
