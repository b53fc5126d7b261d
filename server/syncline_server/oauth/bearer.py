"""Carries the access token, and has it renewed once when the provider says that it has expired."""

from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from http import HTTPStatus
from typing import Final

import httpx

from syncline_sdk import RunFailed

TokenSource = Callable[[str | None], str]
"""Returns an access token. Given None: any that is still good for a while. Given a token that was
refused: another one, renewing if nobody has renewed since."""

# RFC 6750 3.1; Xero really leaves a letter out (developer.xero.com, "Granular scopes" FAQ).
_SCOPE_CHALLENGES: Final = ("insufficient_scope", "insufficent_scope")
# Xero's detail for a scope or role that does not suffice, also without a challenge.
_NOT_PERMITTED: Final = b"authorizationunsuccessful"


class Bearer(httpx.Auth):
    """Adds the access token to each request.

    A 401 is repeated once with another token, writes too: it says that nothing was carried out. A
    401 for lack of permission is handed back as it is, since a new token would permit no more.

    :param token: where tokens come from; what it raises goes to whoever sends the request.
    :param home: the provider's API; no other origin is ever shown a token.
    :param fixed: headers that go with the token whatever the request says. One person's token may
        reach organisations of other workspaces; only these decide which one is meant.
    """

    def __init__(
        self, token: TokenSource, home: httpx.URL, fixed: Mapping[str, str] | None = None
    ) -> None:
        self._token = token
        self._home = home
        self._fixed = dict(fixed or {})

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        """Send with a token, and once more with another if the first is refused.

        :raises RunFailed: the address is not the provider's.
        """
        if _origin(request.url) != _origin(self._home):
            raise RunFailed("FOREIGN_ADDRESS", f"{request.url.host} is not the provider's.")
        request.read()  # a body that is sent again must not have been a stream
        request.headers.update(self._fixed)
        token = self._token(None)
        answered = [request]
        try:
            response = yield _with(request, token)
            answered += _requests(response)
            if response.status_code == HTTPStatus.UNAUTHORIZED:
                response.read()
                if not lacks_permission(response):
                    answered += _requests((yield _with(request, self._token(token))))
        finally:
            # Whoever gets the answer, or an error, gets the request with it, and no token.
            for each in answered:
                each.headers.pop("Authorization", None)

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Refuse: getting a token blocks."""
        raise RuntimeError("the bearer works with synchronous clients only")
        yield request  # makes this the generator that httpx expects


def lacks_permission(response: httpx.Response) -> bool:
    """Return whether a 401, read to its end, is about what the token may do, not whether it is."""
    challenge = response.headers.get("WWW-Authenticate", "").casefold()
    if any(code in challenge for code in _SCOPE_CHALLENGES):
        return True
    return _NOT_PERMITTED in response.content.lower()


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _requests(response: httpx.Response) -> list[httpx.Request]:
    """Return what led to an answer, by way of redirects if there were any."""
    return [each.request for each in (*response.history, response)]


def _with(request: httpx.Request, token: str) -> httpx.Request:
    request.headers["Authorization"] = f"Bearer {token}"
    return request
