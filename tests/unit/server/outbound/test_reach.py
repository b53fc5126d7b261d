import pytest

from syncline_sdk import HostRefused
from syncline_server.outbound.reach import Reach, is_public, reaching, resolve, within_reach

PUBLIC = ["9.9.9.9", "2620:fe::fe", "::ffff:9.9.9.9", "64:ff9b::909:909", "2002:909:909::1"]
INSIDE = [
    "0.0.0.0",  # noqa: S104 - the address itself is meant
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fc00::1",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::1",
    "2002:a00:1::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_public(address: str) -> None:
    """Those of the internet, written in any way, may be connected to."""
    assert is_public(address)


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_inside_are_not_public(address: str) -> None:
    """Loopback, private, link-local, multicast and reserved ones are not, also wrapped in IPv6."""
    assert not is_public(address)


def test_only_addresses_in_reach_are_left() -> None:
    """A name with an address inside is reached at its public one, and not at all without."""
    assert within_reach("books.example", ["10.0.0.1", "9.9.9.9"]) == ["9.9.9.9"]
    with pytest.raises(HostRefused, match=r"books\.example"):
        within_reach("books.example", ["10.0.0.1"])


def test_what_an_operator_names_may_be_inside() -> None:
    """With TLS it may be anywhere; without, it is this machine whatever its name leads to."""
    addresses = ["10.0.0.1", "127.0.0.1", "::1", "9.9.9.9"]

    with reaching(Reach.ANYWHERE):
        assert within_reach("gateway", addresses) == addresses
    with reaching(Reach.LOOPBACK):
        assert within_reach("localhost", addresses) == ["127.0.0.1", "::1"]
        with pytest.raises(HostRefused):
            within_reach("localhost", ["10.0.0.1"])
    with pytest.raises(HostRefused):
        within_reach("gateway", ["10.0.0.1"])


def test_literal_addresses_need_no_name_server() -> None:
    """They are their own addresses."""
    assert resolve("127.0.0.1", 443) == ["127.0.0.1"]


def test_name_that_is_none_has_no_address() -> None:
    """It is told from a fault of ours."""
    with pytest.raises(OSError, match="no name"):
        resolve("a" * 70 + ".example", 443)
