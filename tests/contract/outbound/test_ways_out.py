"""There is no way out of the server but through the fence."""

import re
from pathlib import Path

import pytest

CLIENTS = re.compile(r"\bhttpx\.(?:Async)?Client\(|\bhttpx\.(?:get|post|put|request|stream)\(")
TRANSPORTS = re.compile(r"\bhttpx\.HTTPTransport\b|\bhttpcore\.\w*(?:Pool|Backend|Proxy)\(")
SOCKETS = re.compile(r"^\s*(?:import|from) (?:socket|urllib3|requests|aiohttp)\b", re.MULTILINE)


@pytest.fixture(scope="module")
def server(pytestconfig: pytest.Config) -> Path:
    """The server's package."""
    return pytestconfig.rootpath / "server" / "syncline_server"


def having(folder: Path, pattern: re.Pattern[str]) -> set[str]:
    """Return the files that hold a pattern."""
    files = {str(file.relative_to(folder)): file for file in folder.glob("**/*.py")}
    return {name for name, file in files.items() if pattern.search(file.read_text())}


def test_clients_are_made_where_they_are_fenced_in(server: Path) -> None:
    """Whoever makes an HTTP client elsewhere has to think of the fence, and of this list."""
    assert having(server, CLIENTS) == {"outbound/clients.py", "services/provider_clients.py"}


def test_connections_are_opened_in_one_place(server: Path) -> None:
    """The network checks addresses and certificates; nobody else opens one."""
    assert having(server, TRANSPORTS) == {"outbound/network.py"}
    # The server asks what the address it is to listen on comes to.
    assert having(server, SOCKETS) == {"outbound/reach.py", "app/listening.py"}


def test_plugins_of_ours_use_the_client_they_are_given(pytestconfig: pytest.Config) -> None:
    """The Xero plugin makes no client and opens no connection."""
    plugin = pytestconfig.rootpath / "plugins" / "xero" / "syncline_xero"

    for pattern in (CLIENTS, TRANSPORTS, SOCKETS):
        assert having(plugin, pattern) == set()
