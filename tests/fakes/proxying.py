"""A proxy before the console that speaks TLS with people, and calls it by a name of its own."""

from starlette.types import ASGIApp, Receive, Scope, Send


def behind_proxy(app: ASGIApp, host: str = "console:8080") -> ASGIApp:
    """Return what people reach: the console, which hears of no host but the proxy's name for it."""

    async def hand_on(scope: Scope, receive: Receive, send: Send) -> None:
        kept = [(name, value) for name, value in scope["headers"] if name != b"host"]
        headers = [*kept, (b"host", host.encode())]
        await app({**scope, "scheme": "http", "headers": headers}, receive, send)

    return hand_on
