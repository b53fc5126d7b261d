import httpx
import pytest

from syncline_sdk import RunStopped
from syncline_server.outbound.announced import Announced


def test_writes_are_announced_right_before_they_leave() -> None:
    """Reads are not."""
    order: list[str] = []

    def arrive(request: httpx.Request) -> httpx.Response:
        order.append(request.method)
        return httpx.Response(200)

    transport = Announced(httpx.MockTransport(arrive), lambda: order.append("announced"))
    with httpx.Client(transport=transport) as http:
        http.get("https://provider.test")
        http.put("https://provider.test")

    assert order == ["GET", "announced", "PUT"]


def test_announcement_may_prevent_the_write() -> None:
    """Then nothing leaves."""
    arrived: list[httpx.Request] = []

    def prevent() -> None:
        raise RunStopped

    def arrive(request: httpx.Request) -> httpx.Response:
        arrived.append(request)
        return httpx.Response(200)

    transport = Announced(httpx.MockTransport(arrive), prevent)
    with httpx.Client(transport=transport) as http, pytest.raises(RunStopped):
        http.post("https://provider.test")

    assert arrived == []
