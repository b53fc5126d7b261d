"""Ports that a test has to itself."""

import socket

import pytest

from ports import own_ports


def test_a_port_is_listened_on_again_and_again() -> None:
    """It is there for a listener, once at a time, and refuses everybody while there is none."""
    one, other = own_ports(2)

    for port in (one, other, one):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))
        with socket.create_server(("127.0.0.1", port)):
            socket.create_connection(("127.0.0.1", port)).close()
            with pytest.raises(OSError, match="in use"):
                socket.create_server(("127.0.0.1", port))


def test_a_port_is_nobody_else_s() -> None:
    """For the kernel it is taken, also while nobody listens, so it gives it to nobody."""
    (port,) = own_ports(1)

    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", port))
