"""Many processes need one grant's access token at once: the simulator counts what reaches it."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from databases import PostgresqlServer, opened
from local_stack import LocalStack, wait_until
from token_crowd import Ask, advance, crowd

pytestmark = pytest.mark.slow
PROCESSES = 8
THREADS = 4
LIFE = 1800
LEASE = 30


class Bench(NamedTuple):
    """A simulated Xero, and a crowd with a connected workspace."""

    stack: LocalStack
    ask: Ask

    def renewals(self) -> tuple[int, int]:
        """Return how many renewals arrived since the last time, and how many at once."""
        counted = list(self.stack.control("GET", "/counters")["renewals"].values())
        self.stack.control("DELETE", "/counters")
        return (
            sum(each["calls"] for each in counted),
            max((each["max_concurrent"] for each in counted), default=0),
        )

    def pass_time(self, seconds: float) -> None:
        """Let time pass for everybody."""
        advance(self.stack.settings.simulator.url, seconds)

    def order(self, kind: str, *, seconds: float | None = None, count: int | None = 1) -> None:
        """Order a fault of the token endpoint."""
        fault = {"kind": kind, "path": "/connect/token", "count": count}
        self.stack.control("POST", "/faults", fault | ({"seconds": seconds} if seconds else {}))


@pytest.fixture
def bench(start_stack: Callable[..., LocalStack], postgresql: PostgresqlServer) -> Iterator[Bench]:
    """A crowd on PostgreSQL; the server that connected is gone."""
    stack = start_stack(SYNCLINE_DATABASE_URL=postgresql.empty())
    stack.connected("crowded", contacts=1, items=1)
    stack.stop("server")
    with crowd(stack.environment_of("server"), PROCESSES, THREADS) as ask:
        bench = Bench(stack, ask)
        bench.renewals()
        yield bench


def test_no_crowd_makes_a_storm(bench: Bench) -> None:
    """However many find a token expired, refused or not to be had, one of them asks for all."""
    (first,) = set(bench.ask(""))
    assert bench.renewals() == (0, 0)

    bench.pass_time(LIFE)
    bench.order("delay", seconds=1)
    (second,) = set(bench.ask(""))
    assert bench.renewals() == (1, 1)

    (third,) = set(bench.ask(second))  # as if Xero had refused it: 401 for everybody
    assert set(bench.ask(second)) == {third}
    assert bench.renewals() == (1, 1)

    bench.pass_time(LIFE)
    bench.order("error-500", count=None)
    assert set(bench.ask("")) == {"EndpointUnavailable"}
    asked, at_once = bench.renewals()
    assert (asked < PROCESSES, at_once) == (True, 1)  # by the pace of the pauses
    bench.stack.control("DELETE", "/faults")

    bench.pass_time(LEASE)
    bench.order("drop-after")
    assert set(bench.ask("")) == {"EndpointUnavailable"}
    bench.pass_time(LEASE)
    (fourth,) = set(bench.ask(""))
    assert bench.renewals() == (2, 1)
    assert len({first, second, third, fourth}) == 4


@pytest.mark.parametrize("left", ["lease_holder = 'dead', lease_until = 1", "refresh_time = 1"])
def test_a_server_makes_up_at_its_start_for_one_that_died(
    start_stack: Callable[..., LocalStack], left: str
) -> None:
    """A renewal that was begun and never stored, or is long due, waits for no timer."""
    stack = start_stack()
    stack.connected("died", contacts=1, items=1)
    stack.kill("server")
    database = opened(f"sqlite:///{stack.settings.data_folder}/syncline.db")
    database.execute(f"UPDATE grants SET {left}")
    stack.start("server")
    renewed = "SELECT id FROM grants WHERE lease_holder = '' AND refresh_time > 1"
    wait_until(lambda: bool(database.rows(renewed)), "the renewal is repeated")
    database.close()
    (counted,) = stack.control("GET", "/counters")["renewals"].values()
    assert counted["calls"] == 1
