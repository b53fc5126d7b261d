"""Invoices of which a push would do neither: those that were linked while it was asked."""

from collections.abc import Iterator
from typing import Any, cast

import pytest

from browsing import Surfer
from invoicing import complete_chain, confirmed, stock
from syncline.v1.record_pb2 import PreflightInvoicesResponse, PreflightResult
from syncline_client import Client
from wiring import Served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
INVOICES = "/workspaces/acme/integrations/ledger/invoices"


class JustLinked:
    """Stubs of a client for which the first invoice was linked a moment ago."""

    def __init__(self, stubs: Any) -> None:
        self._stubs = stubs

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stubs, name)

    @property
    def records(self) -> Any:
        """The methods, this one among them."""
        return JustLinked(self._stubs.records)

    def PreflightInvoices(  # noqa: N802 - the method's name
        self, request: Any, **how: Any
    ) -> PreflightInvoicesResponse:
        """Tell that the first one is linked."""
        found = self._stubs.PreflightInvoices(request, **how)
        found.results[0].outcome = PreflightResult.OUTCOME_ALREADY_LINKED
        return cast(PreflightInvoicesResponse, found)


@pytest.fixture
def client(server: Served) -> Iterator[Client]:
    """A client that always hears so."""
    with server.client() as connected:
        yield cast(Client, JustLinked(connected))


def test_what_was_linked_meanwhile_is_in_neither_list(server: Served, surfer: Surfer) -> None:
    """Only what can be pushed can be chosen, and only what is blocked has reasons."""
    complete_chain(server.wired)
    stock(server.wired)
    confirmed(server.wired, "one", "two")

    pages = [surfer.open(INVOICES + query) for query in ("", "?show=blocked")]

    found = [page.words("[id^=invoice-] > th a, .issue-name") for page in pages]
    assert found == [["N-two"], []]
