import pytest

from clockwork import Clockwork
from syncline_console.guesses import Guesses, network


def tries(guesses: Guesses, name: str, address: str, most: int) -> int:
    """Try until there is a wait; return how often it went, at most so often."""
    for number in range(most):
        if guesses.try_(name, address):
            return number
    return most


def test_an_account_is_tried_so_often_from_anywhere() -> None:
    """Many addresses together have ten tries at one account, then one each half minute."""
    clock = Clockwork()
    guesses = Guesses(clock)

    assert sum(guesses.try_("mia", f"192.0.2.{host}") == 0 for host in range(30)) == 10
    clock.advance(seconds=30)
    assert sum(guesses.try_("mia", f"192.0.2.{host}") == 0 for host in range(30)) == 1


def test_an_address_tries_so_many_accounts() -> None:
    """One address has twenty tries, whatever names it makes up."""
    guesses = Guesses(Clockwork())

    assert sum(guesses.try_(f"name{number}", "192.0.2.7") == 0 for number in range(50)) == 20
    assert guesses.try_("mia", "192.0.2.8") == 0


def test_the_wait_is_told_and_holds() -> None:
    """After the seconds that were told there is one more try, and not before."""
    clock = Clockwork()
    guesses = Guesses(clock)
    tries(guesses, "mia", "192.0.2.7", 10)

    wait = guesses.try_("mia", "192.0.2.7")
    assert wait == pytest.approx(30)
    clock.advance(seconds=wait - 1)
    assert guesses.try_("mia", "192.0.2.7") == pytest.approx(1)
    clock.advance(seconds=1)
    assert guesses.try_("mia", "192.0.2.7") == 0


def test_strangers_lock_nobody_out() -> None:
    """Who has signed in from an address before gets in from there while strangers guess."""
    clock = Clockwork()
    guesses = Guesses(clock)
    assert guesses.try_("mia", "192.0.2.7") == 0
    guesses.succeeded("mia", "192.0.2.7")
    for host in range(100, 200):
        guesses.try_("mia", f"192.0.2.{host}")

    assert guesses.try_("mia", "192.0.2.200") > 0
    assert guesses.try_("mia", "192.0.2.7") == 0


def test_an_office_locks_nobody_out() -> None:
    """Who has signed in from an address before gets in from there while others there guess."""
    guesses = Guesses(Clockwork())
    assert guesses.try_("mia", "192.0.2.7") == 0
    guesses.succeeded("mia", "192.0.2.7")
    for number in range(50):
        guesses.try_(f"name{number}", "192.0.2.7")

    assert guesses.try_("ben", "192.0.2.7") > 0
    assert tries(guesses, "mia", "192.0.2.7", 50) == 10


def test_good_tries_cost_nothing() -> None:
    """A whole office behind one address may come in the morning."""
    guesses = Guesses(Clockwork())
    for number in range(200):
        assert guesses.try_(f"name{number}", "192.0.2.7") == 0
        guesses.succeeded(f"name{number}", "192.0.2.7")


def test_what_is_kept_is_bounded() -> None:
    """Made-up names and addresses fill no memory."""
    guesses = Guesses(Clockwork())
    for number in range(25_000):
        guesses.try_(f"name{number}", f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")

    assert len(guesses._until) == 10_000


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:0:1::7", "2001:db8:0:1::/64"),
        ("2001:db8:0:1:ffff::1", "2001:db8:0:1::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_a_network_counts_as_one(address: str, counted: str) -> None:
    """Of IPv6 it is the 64 bits that one customer has."""
    assert network(address) == counted
