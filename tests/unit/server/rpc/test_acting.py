import pytest

from syncline_server.rpc.acting import address_of


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("ipv4:192.0.2.7:51230", "192.0.2.7"),
        ("ipv6:%5B2001:db8::7%5D:51230", "2001:db8::7"),
        ("ipv6:[::1]:51230", "::1"),
        ("unix:/run/syncline.sock", "unix"),
        ("unix:", "unix"),
        ("", ""),
    ],
)
def test_address_is_without_the_port(peer: str, address: str) -> None:
    """Where a call comes from is told as people write addresses."""
    assert address_of(peer) == address
