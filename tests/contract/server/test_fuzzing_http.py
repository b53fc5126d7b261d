import json
import socket
import threading
from collections.abc import Iterator
from functools import partial

import pytest
import uvicorn
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from fuzz_http import answered, fuzz_http
from syncline.v1.webhook_pb2 import DeliverWebhookRequest
from syncline_client import Client
from syncline_console.app import build_app
from told import headers_of
from wiring import Served

START = 20_261_126
EXPECTED = {"closed", "200", "303", "400", "401", "404", "405", "408", "409", "413", "431", "503"}


@pytest.fixture
def console(client: Client) -> Iterator[int]:
    """The port of a console in front of the server."""
    app = build_app(client, client.integrations.CompleteConnection, client.webhooks.DeliverWebhook)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            app, access_log=False, log_config=None, lifespan="off", ws="none", server_header=False
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=partial(server.run, sockets=[listener]))
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_console_answers_whatever_comes_in(console: int) -> None:
    """Odd methods, paths, headers, framings and bodies are refused; none fails it, none hangs."""
    statuses = fuzz_http(console, examples=60, start=START)

    assert set(statuses) <= EXPECTED
    assert len(statuses) > 3
    assert answered(console, b"GET /healthz HTTP/1.0\r\n\r\n", is_whole=True) == ["200"]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["kauri", "CONTACT", "c\0", "9999-12-31T23:59:59-14:00", 10**400]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["organisation", "kind", "record", "at", "x"]), inner)
    ),
    max_leaves=8,
)
BODIES = st.one_of(
    JSON.map(lambda value: json.dumps(value).encode()),
    st.lists(
        st.fixed_dictionaries(
            {"organisation": st.just("kauri"), "kind": JSON, "record": JSON, "at": JSON}
        ),
        max_size=3,
    ).map(lambda events: json.dumps(events).encode()),
    st.binary(min_size=1, max_size=50),
    st.integers(1, 50_000).map(lambda depth: b"[" * depth),
)


def test_signed_webhooks_of_any_shape_are_taken(server: Served, client: Client) -> None:
    """Whatever is signed is taken, readable or not: sending it again would change nothing."""
    server.wired.connect()
    server.wired.switch_on("contacts")

    @seed(START)
    @settings(
        max_examples=60, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(BODIES)
    def deliver(body: bytes) -> None:
        request = DeliverWebhookRequest(provider="ledger", body=body, headers=headers_of(body))
        client.webhooks.DeliverWebhook(request)

    deliver()
