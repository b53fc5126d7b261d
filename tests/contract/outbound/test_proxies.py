"""What the environment says of proxies is not asked where a token would be seen by one."""

import os
import socket
import subprocess
import sys

import pytest

from ports import own_ports

_CALL = """
import sys, syncline_client
from syncline.v1.integration_pb2 import GetConnectionRequest
with syncline_client.connect(sys.argv[1], token="planted", timeout=2) as client:
    try:
        client.integrations.GetConnection(GetConnectionRequest(), wait_for_ready=False)
    except syncline_client.SynclineError:
        print("refused")
"""


@pytest.mark.parametrize("variable", ["http_proxy", "https_proxy", "grpc_proxy"])
def test_plain_calls_of_clients_pass_no_proxy(variable: str) -> None:
    """A client on this machine never shows its token to a proxy of the company."""
    (closed,) = own_ports(1)
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", _CALL, f"127.0.0.1:{closed}"],
            env={**os.environ, variable: address, "no_proxy": "", "NO_PROXY": ""},
            capture_output=True,
            text=True,
            check=True,
        )
        proxy.setblocking(False)  # noqa: FBT003 - the socket's own signature
        with pytest.raises(BlockingIOError):  # nobody called
            proxy.accept()

    assert done.stdout == "refused\n"
