import asyncio
from collections.abc import Iterator

import httpx
import pytest

from syncline_server.oauth.bearer import Bearer

HOME = "https://ledger.example/api/"


class Tokens:
    """Hands out a numbered token each time it is asked for another."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []

    def __call__(self, stale: str | None) -> str:
        """Return a token."""
        self.asked.append(stale)
        return "one" if stale is None else "two"


def client(tokens: Tokens, *answers: httpx.Response) -> tuple[httpx.Client, list[httpx.Request]]:
    """Return a client whose calls get these answers, and where the requests are kept."""
    sent: list[httpx.Request] = []
    waiting = iter(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(httpx.Request(request.method, request.url, headers=request.headers))
        request.read()
        return next(waiting)

    http = httpx.Client(
        base_url=HOME,
        auth=Bearer(tokens, httpx.URL(HOME)),
        transport=httpx.MockTransport(answer),
    )
    return http, sent


def expired() -> httpx.Response:
    """Return the answer to a token that has expired."""
    return httpx.Response(401, json={"Detail": "TokenExpired: token expired"})


def test_token_is_added() -> None:
    """A request carries the access token."""
    tokens = Tokens()
    http, sent = client(tokens, httpx.Response(200))

    http.get("things")

    assert sent[0].headers["Authorization"] == "Bearer one"
    assert tokens.asked == [None]


def test_expired_token_is_replaced_once() -> None:
    """After a 401 the call is made again with another token than the refused one."""
    tokens = Tokens()
    http, sent = client(tokens, expired(), httpx.Response(200))

    assert http.get("things").status_code == 200
    assert [each.headers["Authorization"] for each in sent] == ["Bearer one", "Bearer two"]
    assert tokens.asked == [None, "one"]


def test_second_refusal_is_handed_back() -> None:
    """A provider that refuses the new token as well is not asked a third time."""
    http, sent = client(Tokens(), expired(), expired())

    assert http.get("things").status_code == 401
    assert len(sent) == 2


@pytest.mark.parametrize(
    "refusal",
    [
        httpx.Response(401, headers={"WWW-Authenticate": 'Bearer error="insufficient_scope"'}),
        httpx.Response(401, headers={"WWW-Authenticate": 'Bearer error="insufficent_scope"'}),
        httpx.Response(401, json={"Detail": "AuthorizationUnsuccessful"}),
        httpx.Response(401, json={"detail": "authorizationunsuccessful"}),
        httpx.Response(403, json={"Detail": "AuthenticationUnsuccessful"}),
    ],
    ids=["scope", "scope as Xero spells it", "detail", "lower case", "forbidden"],
)
def test_lack_of_permission_is_handed_back(refusal: httpx.Response) -> None:
    """What a token may not do, a new one may not either: nothing is renewed."""
    tokens = Tokens()
    http, sent = client(tokens, refusal)

    assert http.get("things") is not None
    assert (len(sent), tokens.asked) == (1, [None])


def test_body_is_sent_again() -> None:
    """A write that was refused for its token goes out again, also when its body was a stream."""

    def body() -> Iterator[bytes]:
        yield b"content"

    http, sent = client(Tokens(), expired(), httpx.Response(200))

    assert http.post("things", content=body()).status_code == 200
    assert len(sent) == 2


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/api/things",
        "http://ledger.example/api/",
        "https://ledger.example:444/",
    ],
)
def test_no_other_origin_sees_a_token(url: str) -> None:
    """A call to somewhere else goes without a token, and none is asked for."""
    tokens = Tokens()
    http, sent = client(tokens, httpx.Response(401))

    assert http.get(url).status_code == 401
    assert ["Authorization" in each.headers for each in sent] == [False]
    assert tokens.asked == []


@pytest.mark.parametrize(
    ("url", "carried"),
    [
        ("https://ledger.example/elsewhere", True),
        ("https://files.ledger.example/", False),
        ("http://ledger.example/", False),
        ("https://ledger.example:444/", False),
        ("https://169.254.169.254/latest/meta-data/", False),
    ],
)
def test_token_stays_at_home_when_redirected(url: str, carried: bool) -> None:  # noqa: FBT001 - a column
    """A redirect to another origin is followed, where one is asked to, without the token."""
    http, sent = client(
        Tokens(), httpx.Response(302, headers={"Location": url}), httpx.Response(200)
    )

    http.get("things", follow_redirects=True)

    assert ["Authorization" in each.headers for each in sent] == [True, carried]


def test_redirects_are_not_followed_unasked() -> None:
    """An answer that leads elsewhere is an answer."""
    http, sent = client(Tokens(), httpx.Response(302, headers={"Location": HOME}))

    assert http.get("things").status_code == 302
    assert len(sent) == 1


@pytest.mark.parametrize(
    "answers",
    [
        [httpx.Response(200)],
        [expired(), httpx.Response(200)],
        [httpx.Response(302, headers={"Location": HOME}), httpx.Response(200)],
    ],
    ids=["answered", "renewed", "redirected"],
)
def test_token_is_not_left_behind(answers: list[httpx.Response]) -> None:
    """The request beside an answer, which a plugin may log, holds the token no more."""
    http, sent = client(Tokens(), *answers)

    answer = http.get("things", follow_redirects=True)

    assert all("Authorization" in each.headers for each in sent)
    assert "Authorization" not in answer.request.headers
    assert not any("Authorization" in each.request.headers for each in answer.history)


def test_token_is_not_left_behind_in_an_error() -> None:
    """Neither is it in the request that an error carries."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("gone", request=request)

    bearer = Bearer(Tokens(), httpx.URL(HOME))
    http = httpx.Client(base_url=HOME, auth=bearer, transport=httpx.MockTransport(fail))
    with pytest.raises(httpx.ReadError) as caught:
        http.get("things")

    assert "Authorization" not in caught.value.request.headers


def test_asynchronous_use_is_refused() -> None:
    """Getting a token blocks, so an event loop may not do it."""

    async def call() -> None:
        async with httpx.AsyncClient(auth=Bearer(Tokens(), httpx.URL(HOME))) as http:
            await http.get(HOME)

    with pytest.raises(RuntimeError, match="synchronous"):
        asyncio.run(call())


def test_organisation_is_not_the_requests_to_choose() -> None:
    """A request that names another organisation, in whatever case, asks its own all the same."""
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return expired() if len(sent) == 1 else httpx.Response(200)

    fixed = {"xero-tenant-id": "mine"}
    http = httpx.Client(
        base_url=HOME,
        auth=Bearer(Tokens(), httpx.URL(HOME), fixed),
        transport=httpx.MockTransport(answer),
    )

    http.get("things", headers=[("Xero-Tenant-Id", "theirs"), ("xero-tenant-id", "theirs")])

    assert [each.headers.get_list("xero-tenant-id") for each in sent] == [["mine"], ["mine"]]


@pytest.mark.parametrize("answers", [(httpx.Response(200),), (expired(), httpx.Response(200))])
def test_who_gets_the_answer_gets_no_token(answers: tuple[httpx.Response, ...]) -> None:
    """The request that comes with it has been relieved of the token it was sent with."""
    http, sent = client(Tokens(), *answers)

    response = http.get("things")

    assert all("Authorization" in each.headers for each in sent)
    assert "Authorization" not in response.request.headers


def test_who_is_led_elsewhere_gets_no_token() -> None:
    """Neither do the requests of the way there have one."""
    moved = httpx.Response(307, headers={"Location": f"{HOME}other"})
    http, sent = client(Tokens(), moved, httpx.Response(200))

    response = http.get("things", follow_redirects=True)

    assert [each.headers["Authorization"] for each in sent] == ["Bearer one"] * 2
    shown = [response.request, *(each.request for each in response.history)]
    assert not any("Authorization" in each.headers for each in shown)


def test_who_gets_an_error_gets_no_token() -> None:
    """An error holds its request, too."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("cut", request=request)

    http = httpx.Client(
        base_url=HOME,
        auth=Bearer(Tokens(), httpx.URL(HOME)),
        transport=httpx.MockTransport(fail),
    )

    with pytest.raises(httpx.ReadError) as caught:
        http.get("things")

    assert "Authorization" not in caught.value.request.headers
