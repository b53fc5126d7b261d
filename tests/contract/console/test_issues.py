"""What waits for a person, in one list."""

from dataclasses import replace

import pytest

from browsing import Page, Surfer
from invoicing import complete_chain, confirmed, meet, settle, stock, stored_run
from syncline_sdk import Issue, RecordKind
from syncline_server.core.model import RunState
from wiring import Served, Wired

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HOME = "/workspaces/acme/integrations/ledger"
TAX = Issue(
    code="LEDGER_EXPORT_TAX_MAPPING_REQUIRED",
    message="Not mapped to a tax type: GST.",
    action="Map a tax type to each of these tax codes.",
    kind=RecordKind.INVOICE,
    record_id="inv",
    record_name="INV",
)


def many(wired: Wired, count: int, like: Issue = TAX) -> None:
    """Have a run meet an issue of each of so many records."""
    run = stored_run(wired, "invoice_push")
    ids = [f"{like.record_id}-{number}" for number in range(count)]
    meet(wired, run, *(replace(like, record_id=id_, record_name=id_.upper()) for id_ in ids))
    wired.end(run, RunState.PARTIAL)


def names(page: Page) -> list[str]:
    """Return the records of the issues that are shown."""
    return page.words(".issue-name")


def test_nothing_waits(surfer: Surfer) -> None:
    """Without issues the page says that nothing is to be done."""
    assert surfer.open(f"{HOME}/issues").words(".empty h2") == ["Nothing waits for you"]


def test_issues_of_all_runs_are_listed_until_they_are_settled(
    server: Served, surfer: Surfer
) -> None:
    """Each leads to the run that met it; a settled one is not listed."""
    run = stored_run(server.wired)
    ambiguous = replace(TAX, code="CONTACT_AMBIGUOUS", kind=RecordKind.CONTACT, record_id="c1")
    meet(server.wired, run, ambiguous)
    many(server.wired, 1)

    before = surfer.open(f"{HOME}/issues")
    settle(server.wired, ambiguous, "Assigned.")

    assert names(before) == ["INV-0", "INV"]
    links = [str(each["href"]) for each in before.html.select(".issue a")]
    assert f"{HOME}/runs/{run.id}" in links
    assert names(surfer.open(f"{HOME}/issues")) == ["INV-0"]


def test_many_of_one_kind_are_told_as_one(server: Served, surfer: Surfer) -> None:
    """Equal codes are counted in words, lead to their fix, and narrow the list."""
    many(server.wired, 12)
    many(server.wired, 2, replace(TAX, code="FREIGHT_NOT_FINALIZED_FOR_LEDGER_EXPORT"))

    page = surfer.open(f"{HOME}/issues")
    (link,) = page.html.select("#group-FREIGHT_NOT_FINALIZED_FOR_LEDGER_EXPORT a")
    narrowed = surfer.open(f"{HOME}/issues{link['href']}")

    first, second = page.words(".groups li")
    assert first == "12 invoices need a tax mapping Map tax rates : 12 invoices need a tax mapping"
    assert second == "2 invoices wait for their freight amounts"
    assert page.one(".groups a.button")["href"] == f"{HOME}/tax-mapping"
    assert len(names(narrowed)) == 2
    assert narrowed.words(".groups strong") == ["2 invoices wait for their freight amounts"]


def test_long_lists_come_in_pages(server: Served, surfer: Surfer) -> None:
    """Pages together are all issues, each once."""
    many(server.wired, 60)

    found: list[str] = []
    page = surfer.open(f"{HOME}/issues")
    while True:
        found += names(page)
        further = [each for each in page.html.select(".pager a") if each.get_text() == "Next page"]
        if not further:
            break
        page = surfer.open(f"{HOME}/issues{further[0]['href']}")

    assert (len(found), len(set(found))) == (60, 60)
    assert page.words(".pager span") == ["51 to 60 of 60"]


def test_what_lies_behind_a_thousand_can_be_looked_at(server: Served, surfer: Surfer) -> None:
    """A thousand are counted and listed at a time, and the page says so and leads on and back."""
    many(server.wired, 1003)

    newest = surfer.open(f"{HOME}/issues")
    older = surfer.open(f"{HOME}/issues{newest.one('a[rel=next]:not([href*=from])')['href']}")

    assert newest.words(".groups li")[0].startswith("1,000 invoices need a tax mapping")
    assert "1,000 issues are looked at at a time" in newest.text
    assert len(names(older)) == 3
    assert older.words("[aria-label='Older issues'] a") == ["First page"]


@pytest.mark.parametrize("wrong", ["from=-1", "from=x", "from=99999", "code=NO_SUCH"])
def test_made_up_addresses_show_a_page(server: Served, surfer: Surfer, wrong: str) -> None:
    """An address that nobody was led to is no error."""
    many(server.wired, 3)

    assert surfer.open(f"{HOME}/issues?{wrong}").status == 200


def test_invoice_of_an_issue_has_a_page(server: Served, surfer: Surfer) -> None:
    """What only the invoice can tell is told on the invoice's own page."""
    complete_chain(server.wired)
    stock(server.wired)
    confirmed(server.wired, "inv-0")
    many(server.wired, 1, replace(TAX, code="LEDGER_INVOICE_REJECTED"))

    page = surfer.open(f"{HOME}/issues")
    invoice = surfer.open(str(page.one(".issue a.button")["href"]))

    assert invoice.words("h1") == ["N-inv-0"]
