"""Invoices: those that wait to be pushed, and what became of the others."""

from datetime import date
from decimal import Decimal

import pytest

from bookkeeping import add_customer
from browsing import Page, Surfer
from invoicing import complete_chain, confirmed, linked, stock, stored_run, unlinked, unmap_tax
from syncline_sdk import Contact
from syncline_server.core.invoice import Freight, FreightState, InvoiceStage
from syncline_server.core.model import PushState
from wiring import Served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HOME = "/workspaces/acme/integrations/ledger"
INVOICES = f"{HOME}/invoices"
LINKED = f"{INVOICES}?list=linked"
HOSTILE = '<script>alert("1")</script>\u202e' + "x" * 200


@pytest.fixture
def ready(server: Served) -> Served:
    """A server whose chain is complete, with what invoices refer to."""
    complete_chain(server.wired)
    stock(server.wired)
    return server


def numbers(page: Page) -> list[str]:
    """Return the numbers of the invoices that are shown."""
    return page.words("[id^=invoice-] > th a, [id^=invoice-] .issue-name")


def test_where_nothing_was_connected_the_way_there_is_shown(surfer: Surfer) -> None:
    """Without an organisation there is nothing to say but how to get one."""
    page = surfer.open(INVOICES)

    assert "is not connected" in page.words(".empty h2")[0]
    assert page.one(".empty a")["href"] == HOME


def test_after_disconnecting_the_same_is_said_while_nothing_waits(
    ready: Served, surfer: Surfer
) -> None:
    """What waits is shown all the same, with why it has to."""
    surfer.submit(surfer.open(f"{HOME}/disconnect"), "main form")

    nothing = surfer.open(INVOICES)
    confirmed(ready.wired, "one")
    one = surfer.open(INVOICES)

    assert "is not connected" in nothing.words(".empty h2")[0]
    assert numbers(one) == ["N-one"]
    assert one.words("#obstacles a")[0] == "Connect Ledger."


def test_nothing_confirmed_says_what_comes_here(ready: Served, surfer: Surfer) -> None:
    """Drafts are not pushed, and the page says so."""
    confirmed(ready.wired, "draft", stage=InvoiceStage.DRAFT)

    page = surfer.open(INVOICES)

    assert page.words(".empty h2") == ["No invoice waits"]
    assert "Drafts are not pushed" in page.text


def test_incomplete_chain_names_what_is_missing(server: Served, surfer: Surfer) -> None:
    """Everything that keeps the push from running is told with where to mend it."""
    server.wired.connect()
    server.wired.switch_on("contacts", "tax_rates", "items", "invoices")
    stock(server.wired)
    confirmed(server.wired, "one")

    page = surfer.open(INVOICES)

    links = [str(each["href"]) for each in page.html.select("#obstacles a")]
    missing = [f"{HOME}#sync-tax_rates", f"{HOME}/tax-mapping"]
    assert links == [*missing, f"{HOME}#sync-contacts", f"{HOME}#sync-items"]
    assert page.words("#obstacles a")[:2] == [
        "Sync Tax Rates first.",
        "Complete Tax Mapping.",
    ]
    assert all(each.has_attr("disabled") for each in page.html.select("#push button"))


def test_what_is_under_way_is_waited_for(server: Served, surfer: Surfer) -> None:
    """A sync that runs already is not asked for: it would be refused."""
    server.wired.connect()
    server.wired.switch_on("contacts", "tax_rates", "items", "invoices")
    stock(server.wired)
    stored_run(server.wired, "contacts")

    page = surfer.open(INVOICES)

    assert "Wait until Contacts has synced." in page.words("#obstacles a")


def test_eligible_invoices_show_what_a_person_chooses_by(ready: Served, surfer: Surfer) -> None:
    """Number, customer, date, reference and the total with its currency, thousands apart."""
    confirmed(ready.wired, "one", currency="AUD", reference="PO 7")
    ready.wired.database.execute("UPDATE invoices SET total = '1234567.50'")

    page = surfer.open(INVOICES)

    assert page.words(".tally") == ["1 eligible", "0 blocked"]
    (row,) = page.words("#invoice-one")
    assert row == "Choose N-one N-one Kerr Ltd 1 Oct 2026 PO 7 1,234,567.50 AUD"
    assert "at most 50" in page.words("#push-limit")[0]


def test_all_of_a_page_are_chosen_without_scripts(ready: Served, surfer: Surfer) -> None:
    """One link checks every box of the page, the other none."""
    confirmed(ready.wired, *(f"i{number:02}" for number in range(60)))

    page = surfer.open(INVOICES)
    every = surfer.open(str(page.one(".bar a")["href"]))
    none = surfer.open(str(every.one(".bar a")["href"]))

    checked = [len(each.html.select("input[checked]")) for each in (page, every, none)]
    assert checked == [0, 50, 0]


def test_long_lists_come_in_pages(ready: Served, surfer: Surfer) -> None:
    """Pages together are all eligible invoices, each once; the counts are of all."""
    confirmed(ready.wired, *(f"i{number:03}" for number in range(120)))

    first = surfer.open(INVOICES)
    second = surfer.open(f"{INVOICES}?from=50")
    third = surfer.open(str(second.html.select(".pager a")[1]["href"]))

    assert first.words(".tally") == ["120 eligible", "0 blocked"]
    found = [*numbers(first), *numbers(second), *numbers(third)]
    assert (len(found), len(set(found))) == (120, 120)
    assert third.words(".pager span") == ["101 to 120 of 120"]


def test_more_than_are_listed_is_said(ready: Served, surfer: Surfer) -> None:
    """A thousand are listed at most, the counts are complete, and the page says so."""
    confirmed(ready.wired, *(f"i{number:04}" for number in range(1001)))

    confirmed(ready.wired, "z", freight=Freight(state=FreightState.TO_BE_CONFIRMED))

    page = surfer.open(INVOICES)
    blocked = surfer.open(f"{INVOICES}?show=blocked")

    assert page.words(".tally") == ["1,001 eligible", "1 blocked"]
    assert "Only the first 1,000 are listed" in page.text
    assert blocked.words(".empty h2") == ["They come later"]


def test_blocked_invoices_have_every_reason_with_its_fix(ready: Served, surfer: Surfer) -> None:
    """Each reason leads to where it is settled; equal ones are told as one."""
    add_customer(ready.wired.database, "rata", Contact(id="", name="Rata Ltd"))
    freight = Freight(state=FreightState.TO_BE_CONFIRMED)
    confirmed(ready.wired, "one", "two", customer_id="rata", freight=freight)
    confirmed(ready.wired, "three")
    unmap_tax(ready.wired)

    page = surfer.open(INVOICES)
    blocked = surfer.open(str(page.html.select(".tally")[1]["href"]))

    assert page.words(".tally") == ["0 eligible", "3 blocked"]
    assert page.words(".empty h2") == ["Nothing can be pushed now"]
    assert numbers(blocked) == ["N-one", "N-three", "N-two"]
    first = blocked.words("#invoice-one .reasons li")
    assert "Customer Rata Ltd is not mapped to a contact." in first[0]
    assert "Not mapped to a tax type: GST." in first[1]
    assert "The freight is still to be confirmed. Set the freight amount" in first[2]
    links = [str(each["href"]) for each in blocked.html.select("#invoice-one .reasons a")]
    assert links == [f"{HOME}/contacts", f"{HOME}/tax-mapping"]
    assert "3 invoices need a tax mapping" in blocked.words(".groups li")[0]


def test_linked_invoices_show_amounts_and_state(ready: Served, surfer: Surfer) -> None:
    """The provider's state, its amounts with currency, when it was paid and how it differs."""
    linked(ready.wired, "same")
    paid = {"status": "PAID", "amount_due": Decimal(0), "amount_paid": Decimal("13.5")}
    linked(ready.wired, "other", total=Decimal("13.50"), fully_paid_date=date(2026, 10, 3), **paid)

    page = surfer.open(LINKED)

    (same,), (other,) = page.words("#invoice-same"), page.words("#invoice-other")
    assert "N-same Kerr Ltd Draft 11.50 NZD 0.00 NZD 0.00 NZD 11.50 NZD 1 Oct 2026" in same
    assert "Differs" not in same
    assert "Paid 2.00 more Paid on 3 Oct 2026 13.50 NZD 13.50 NZD 0.00 NZD 0.00 NZD" in other


def test_linked_invoices_are_filtered(ready: Served, surfer: Surfer) -> None:
    """State and variance narrow the list; nothing that fits says so."""
    linked(ready.wired, "same")
    linked(ready.wired, "other", total=Decimal("13.50"))
    unlinked(ready.wired, "no", PushState.REJECTED, "It says no.")

    page = surfer.open(LINKED)
    refused = surfer.submit(page, "form.filters", state="refused")
    differing = surfer.submit(page, "form.filters", differing="yes")
    none = surfer.submit(page, "form.filters", state="uncertain")

    assert numbers(page) == ["N-no", "N-other", "N-same"]
    assert numbers(refused) == ["N-no"]
    assert numbers(differing) == ["N-other"]
    assert none.words(".empty h2") == ["No such invoice"]


def test_refused_and_uncertain_say_what_it_means(ready: Served, surfer: Surfer) -> None:
    """The provider's reason is told, and that nothing is sent twice; neither can be refreshed."""
    unlinked(ready.wired, "no", PushState.REJECTED, HOSTILE)
    unlinked(ready.wired, "lost", PushState.UNCERTAIN)

    page = surfer.open(LINKED)

    assert HOSTILE in page.html.select("#invoice-no td p bdi")[0].get_text()
    assert not page.html.select("td script")
    assert "before anything is sent again" in page.words("#invoice-lost")[0]
    assert not page.html.select("input[name=invoice], #pull-chosen button")


def test_links_come_in_pages_that_keep_the_filter(ready: Served, surfer: Surfer) -> None:
    """Pages together are all links that fit, each once."""
    for number in range(55):
        linked(ready.wired, f"d{number:02}", total=Decimal("13.50"))
        linked(ready.wired, f"s{number:02}")

    first = surfer.open(f"{LINKED}&differing=yes")
    second = surfer.open(str(first.one(".pager a")["href"]))

    found = [*numbers(first), *numbers(second)]
    assert (len(found), len(set(found))) == (55, 55)
    assert second.words(".pager a") == ["First page"]


@pytest.mark.usefixtures("ready")
def test_nothing_was_sent_yet(surfer: Surfer) -> None:
    """The empty list leads to what can be pushed."""
    page = surfer.open(LINKED)

    assert page.words(".empty h2") == ["Nothing was sent yet"]
    assert page.one(".empty a")["href"] == INVOICES


def test_hostile_words_stay_words(ready: Served, surfer: Surfer) -> None:
    """Markup in a reference or a name is text, in an element of its own direction."""
    add_customer(ready.wired.database, "evil", Contact(id="", name=HOSTILE))
    confirmed(ready.wired, "one", reference=HOSTILE)
    confirmed(ready.wired, "two", customer_id="evil")

    eligible, blocked = surfer.open(INVOICES), surfer.open(f"{INVOICES}?show=blocked")

    assert HOSTILE in [each.get_text() for each in eligible.html.select("td bdi")]
    assert HOSTILE in [each.get_text() for each in blocked.html.select(".issue-head bdi")]
    assert not eligible.html.select("main script") + blocked.html.select("main script")
