import pytest

from syncline_server.core.addresses import is_confidential, is_loopback


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
def test_loopback_has_several_addresses(address: str) -> None:
    """IPv4 has a whole network of them, and they may be written as IPv6."""
    assert is_loopback(address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - nothing is bound
        "::",
        "::ffff:10.0.0.1",
        "10.0.0.1",
        "fe80::1",
        "",
        "0",
        "localhost",
    ],
)
def test_everything_else_is_no_loopback(address: str) -> None:
    """Neither are the addresses that mean all, nor texts that are no address."""
    assert not is_loopback(address)


@pytest.mark.parametrize(
    "url",
    [
        "https://id.example",
        "https://id.example:8443/realms/a?b=c",
        "http://localhost:8180/x",
        "http://127.0.0.1/x",
        "http://[::1]:1/x",
    ],
)
def test_https_and_this_machine_are_confidential(url: str) -> None:
    """What never leaves the machine needs no TLS."""
    assert is_confidential(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://id.example",
        "http://127.0.0.1.id.example/x",
        "http://localhost@id.example/x",
        "https://user:pass@id.example/x",
        "ftp://127.0.0.1/x",
        "https:///x",
        "https://[::1",
        "https://id.example:99999/",
        "//id.example",
        "",
    ],
)
def test_nothing_else_is_confidential(url: str) -> None:
    """Plain HTTP to another machine, credentials in an address, and what is no address are not."""
    assert not is_confidential(url)
