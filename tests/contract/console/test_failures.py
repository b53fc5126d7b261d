"""Pages that cannot be shown now, and pages of lists that are none any more."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import grpc
import pytest

from browsing import Surfer
from pulled import HERE
from syncline_client import Client, ResourceExhausted, SynclineError, Unavailable
from syncline_client.errors import Explanation
from wiring import Served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
BUSY, AWAY = grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE


class Failing:
    """Stubs of a client whose runs cannot be listed."""

    def __init__(self, stubs: Any) -> None:
        self._stubs = stubs
        self.error: SynclineError | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stubs, name)

    @property
    def runs(self) -> Any:
        """The methods, this one among them."""
        stubs = self._stubs.runs
        return SimpleNamespace(ListRuns=self._list_runs, ListRunIssues=stubs.ListRunIssues)

    def _list_runs(self, request: Any, **how: Any) -> Any:
        if self.error:  # once a test says so
            raise self.error
        return self._stubs.runs.ListRuns(request, **how)


@pytest.fixture
def failing(server: Served) -> Iterator[Failing]:
    """Such stubs."""
    with server.client() as connected:
        yield Failing(connected)


@pytest.fixture
def client(failing: Failing) -> Client:
    """The same, as the console takes them."""
    return cast(Client, failing)


def error(kind: type[SynclineError], code: grpc.StatusCode, after: float | None) -> SynclineError:
    """Return a failure that ends by itself, in so many seconds if that is known."""
    retry = timedelta(seconds=after) if after is not None else None
    told = Explanation(
        code=code, message="call less", reason="RATE_LIMITED", metadata={}, retry_after=retry
    )
    return kind(told)


PASSING = {
    "limited": (error(ResourceExhausted, BUSY, 6.5), "7", "Too much is asked", "in 7 seconds"),
    "limited-somehow": (error(ResourceExhausted, BUSY, None), "60", "Too much", "in a minute"),
    "away": (error(Unavailable, AWAY, None), "60", "does not answer", "in a minute"),
    "away-shortly": (error(Unavailable, AWAY, 0.2), "1", "does not answer", "in 1 second."),
}


@pytest.mark.parametrize(
    ("failure", "seconds", "told", "then"), PASSING.values(), ids=PASSING.keys()
)
def test_what_passes_says_when_to_come_again(
    failing: Failing, surfer: Surfer, failure: SynclineError, seconds: str, told: str, then: str
) -> None:
    """In words of a page and by the header; the way back is the very address that was asked for."""
    address = f"{HERE}/runs?module=items&outcome=failed"
    surfer.open(address)
    failing.error = failure

    answer = surfer.send("GET", address)
    page = surfer.open(address)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, seconds)
    assert told in page.text
    assert then in page.text
    assert "call less" not in page.text
    assert page.one("main a.button")["href"] == address


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("runs?module=items&after=x", "runs?module=items"),
        ("issues?code=NEW&from=25&after=x", "issues?code=NEW"),
        ("invoices?list=linked&after=x", "invoices?list=linked"),
    ],
    ids=["runs", "issues", "invoices"],
)
@pytest.mark.usefixtures("failing")
def test_page_that_is_none_any_more_leads_to_the_first(
    server: Served, surfer: Surfer, path: str, left: str
) -> None:
    """A list begins anew, filtered as it was, where an address names a place that is not there."""
    server.wired.connect()

    page = surfer.open(f"{HERE}/{path}")

    assert (page.status, page.address) == (200, f"{HERE}/{left}")
