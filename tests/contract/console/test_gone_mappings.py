"""Mappings that are not there, or not any more: kind words, and the way back."""

import pytest

from browsing import Page, Surfer
from pulled import HERE, KAURI, rate, store_contacts, store_items, store_tax_rates
from record_calls import customer, product, tax_code
from syncline_client import Client
from syncline_sdk import Contact, Item
from syncline_server.core.model import MappingState
from syncline_server.storage import tax_rates
from syncline_server.storage.contacts import ContactRow
from syncline_server.storage.items import ItemRow
from wiring import Served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
KINDS = {"contacts": "contact", "items": "item"}
TAXES = f"{HERE}/tax-mapping"
each_kind = pytest.mark.parametrize(("pages", "word"), KINDS.items(), ids=KINDS)
each_deed = pytest.mark.parametrize("deed", ["assign", "remove"])


@pytest.fixture
def pulled(server: Served, client: Client) -> Served:
    """A server with a contact, an item and two tax types, each mapped or with what fits it."""
    customer(client, {"display_name": "Rimu"}, "ours")
    product(client, {"sku": "PIPE", "display_name": "Pipe"}, "ours")
    tax_code(client, {"code": "GST", "display_name": "GST", "rate": "15"}, "gst")
    mapped = MappingState.MAPPED
    store_contacts(server.wired, ContactRow(Contact("one", "Rimu"), "", mapped, "ours"))
    store_items(server.wired, ItemRow(Item("one", "PIPE", "Pipe"), "", mapped, "ours"))
    store_tax_rates(server.wired, rate("OUTPUT"), rate("ZERO", "0"))
    return server


def is_gone(page: Page, what: str, back: str) -> bool:
    """Return whether a page says that something is not there, and leads back."""
    (link,) = page.html.select(".message a.button")
    return (page.status, page.words("h1"), str(link["href"])) == (404, [what], back)


@each_kind
@each_deed
@pytest.mark.parametrize("id_", ["none", "%C3%A9", "a%20b"])
@pytest.mark.usefixtures("pulled")
def test_what_an_address_names_is_not_there(
    surfer: Surfer, pages: str, word: str, deed: str, id_: str
) -> None:
    """It is said of the very kind of record, and the list is as somebody left it."""
    page = surfer.open(f"{HERE}/{pages}/{id_}/{deed}?back=show%3Dmapped%26q%3Drimu")

    assert is_gone(page, f"This {word} is not there", f"{HERE}/{pages}?show=mapped&q=rimu")
    assert "Nothing was changed" not in page.text
    assert page.words(".crumbs li")[-2:] == [pages.title(), "Not there"]


@each_kind
@each_deed
def test_what_went_away_meanwhile_is_not_changed(
    pulled: Served, surfer: Surfer, pages: str, word: str, deed: str
) -> None:
    """A form of an organisation that was connected before changes nothing, and says so."""
    page = surfer.open(f"{HERE}/{pages}/one/{deed}")
    pulled.wired.connect(organisation="totara")

    after = surfer.submit(page, f"#{deed}-form")

    assert is_gone(after, f"This {word} is not there", f"{HERE}/{pages}")
    assert "Nothing was changed." in after.text


@each_kind
@pytest.mark.usefixtures("pulled")
def test_ours_that_is_not_there_is_not_chosen(surfer: Surfer, pages: str, word: str) -> None:
    """Where only what was chosen is gone, the page stays and asks for another."""
    ours = {"contact": "customer", "item": "product"}[word]
    page = surfer.open(f"{HERE}/{pages}/one/assign")

    after = surfer.submit(page, "#assign-form", ours=f"workspaces/acme/{ours}s/none")

    assert after.status == 409
    told = f"The {ours} you chose is not there any more. Choose another."
    assert after.words("main [role=alert]") == [told]


def test_who_has_ours_and_cannot_be_asked_for_is_another(pulled: Served, surfer: Surfer) -> None:
    """A customer of a contact that the API finds no more is still told to be taken."""
    store_contacts(
        pulled.wired,
        ContactRow(Contact("one", "Rimu"), "", MappingState.UNMAPPED),
        ContactRow(Contact("odd id", "Odd"), "", MappingState.MAPPED, "ours"),
    )

    page = surfer.open(f"{HERE}/contacts/one/assign")

    (taken,) = page.words(".choice-taken")
    assert "Belongs to another contact already" in taken
    assert page.html.select(".choice-taken a") == []


@pytest.mark.parametrize("act", ["save", "suggest", "unmap"])
@pytest.mark.parametrize("there", [[], ["OTHER"], ["ZERO"]], ids=["none", "others", "one-alike"])
def test_choices_for_another_organisation_are_not_kept(
    pulled: Served, surfer: Surfer, act: str, there: list[str]
) -> None:
    """Whatever is pressed below tax rates that went away, it says so, and leads to those there."""
    page = surfer.open(TAXES)
    wired = pulled.wired
    wired.connect(organisation="totara")
    with wired.database.transaction():
        rows = [rate(each) for each in there]
        tax_rates.write(wired.database, KAURI._replace(id="totara"), rows, wired.clock())

    after = surfer.submit(page, "#tax-form", act=act, **{"to:OUTPUT": "not_used"})

    assert is_gone(after, "These tax rates are not there", TAXES)
    assert "Nothing was changed." in after.text


@pytest.mark.usefixtures("pulled")
def test_what_was_saved_beside_what_is_gone_is_told(surfer: Surfer) -> None:
    """Where a part of the form was saved, it is not said that nothing was changed."""
    typed = {"to:ZERO": "not_used", "to:GONE": ""}

    after = surfer.submit(surfer.open(TAXES), "#tax-form", act="not_used", pick=["OUTPUT"], **typed)

    assert is_gone(after, "These tax rates are not there", TAXES)
    assert "Saved 1 tax rate." in after.text
    assert "Nothing was changed" not in after.text
