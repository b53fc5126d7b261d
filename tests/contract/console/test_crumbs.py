"""Where a person is: the way from the integrations down to a page."""

import pytest

from browsing import Surfer
from invoicing import complete_chain, confirmed, stock, stored_run
from wiring import Served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HOME = "/workspaces/acme/integrations/ledger"


@pytest.mark.parametrize(
    ("path", "below"),
    [
        ("", []),
        ("/runs", ["Runs"]),
        ("/issues", ["Runs", "Open issues"]),
        ("/runs/{run}", ["Runs", "Contacts"]),
        ("/invoices/one", ["Invoices", "N-one"]),
        ("/contacts/c1/assign", ["Contacts", "Assign a customer"]),
        ("/tax-codes/new", ["Tax mapping", "New tax code"]),
        ("/disconnect", ["Disconnect"]),
        ("/syncs/contacts/believe", ["Nothing to confirm"]),
    ],
    ids=lambda value: value.strip("/") or "overview" if isinstance(value, str) else "",
)
def test_a_page_is_below_its_parent(
    server: Served, surfer: Surfer, path: str, below: list[str]
) -> None:
    """Every step leads to its page, the page itself is the last, and none is left out."""
    complete_chain(server.wired)
    stock(server.wired)
    confirmed(server.wired, "one")
    run = stored_run(server.wired)

    page = surfer.open(HOME + path.format(run=run.id))

    steps = page.html.select(".crumbs li")
    assert page.words(".crumbs li") == ["Configuration", "Integrations", "Ledger", *below]
    assert steps[-1].get("aria-current") == "page"
    assert [each.a is not None for each in steps[1:]] == [True] * (len(steps) - 2) + [False]
