"""Contact and item mappings: what is listed first, settled, removed and found again."""

from urllib.parse import parse_qs, urlsplit

import pytest

from browsing import Page, Surfer
from pulled import HERE, KAURI, store_contacts, store_items
from record_calls import customer, product
from signing_in import SignedIn
from syncline.v1.customer_pb2 import Customer
from syncline.v1.mapping_pb2 import (
    AssignContactMappingRequest,
    ContactMapping,
    GetContactMappingRequest,
    GetItemMappingRequest,
    ItemMapping,
    RemoveContactMappingRequest,
)
from syncline.v1.record_pb2 import UpdateCustomerRequest
from syncline_client import Client
from syncline_sdk import Contact, Item
from syncline_server.core.model import MappingState
from syncline_server.storage import items
from syncline_server.storage.contacts import ContactRow
from syncline_server.storage.items import ItemRow
from wiring import ACME, Served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LIST, ITEMS = f"{HERE}/contacts", f"{HERE}/items"
RIMU, RIMU_2, TOTARA = (
    f"workspaces/acme/customers/{each}" for each in ("rimu", "rimu-2", "totara")
)


@pytest.fixture
def pulled(server: Served, client: Client) -> Client:
    """A client of a workspace with contacts and items in every state."""
    same = {"display_name": "Rimu Ltd", "email": "office@rimu.example"}
    customer(client, {**same, "code": "R1", "phone": "555 0142"}, "rimu")
    customer(client, {**same, "code": "R2", "phone": "555 0199"}, "rimu-2")
    customer(client, {"display_name": "Totara", "code": "T1"}, "totara")
    for identifier in ("pipe", "tube"):
        product(client, {"sku": identifier, "display_name": identifier.title()}, identifier)
    rimu = Contact("c1", "Rimu Ltd", ("R2",), "office@rimu.example")
    store_contacts(
        server.wired,
        ContactRow(rimu, "", MappingState.AMBIGUOUS, candidates=("rimu", "rimu-2")),
        ContactRow(Contact("c2", "Totara", ("T1",)), "", MappingState.MAPPED, "totara"),
        ContactRow(Contact("c3", "Kowhai"), "", MappingState.UNMAPPED, detached=True),
    )
    pipe = Item("i1", "PIPE", "Pipe")
    store_items(
        server.wired, ItemRow(pipe, "", MappingState.AMBIGUOUS, candidates=("pipe", "tube"))
    )
    return client


def contact(client: Client, id_: str) -> ContactMapping:
    """Return a contact's mapping."""
    request = GetContactMappingRequest(name=f"{ACME}/contactMappings/{id_}")
    return client.mappings.GetContactMapping(request).contact_mapping


def item(client: Client) -> ItemMapping:
    """Return the item's mapping."""
    request = GetItemMappingRequest(name=f"{ACME}/itemMappings/i1")
    return client.mappings.GetItemMapping(request).item_mapping


def listed(page: Page) -> list[str]:
    """Return the ids of a list, from the top."""
    return [str(each["id"]).removeprefix("row-") for each in page.html.select("tbody tr")]


def follow(surfer: Surfer, page: Page, selector: str) -> Page:
    """Follow the one link a CSS selector finds."""
    return surfer.open(str(page.one(selector)["href"]))


@pytest.mark.usefixtures("pulled")
def test_what_needs_a_person_is_shown_first(surfer: Surfer) -> None:
    """The list begins with what is to be settled, counts it, and has the rest one click away."""
    page = surfer.open(LIST)

    assert listed(page) == ["c1"]
    assert page.words(".pills [aria-current]") == ["To settle 1"]
    assert listed(surfer.open(f"{LIST}?show=all")) == ["c1", "c2", "c3"]
    unmapped = surfer.open(f"{LIST}?show=unmapped")
    assert listed(unmapped) == ["c3"]
    assert "Left without a customer on purpose." in unmapped.text


@pytest.mark.usefixtures("pulled")
def test_everything_is_shown_when_nothing_needs_a_person(client: Client, surfer: Surfer) -> None:
    """With nothing to settle, the list begins with all there is."""
    request = RemoveContactMappingRequest(name=f"{ACME}/contactMappings/c1")
    client.mappings.RemoveContactMapping(request)

    page = surfer.open(LIST)

    assert page.words(".pills [aria-current]") == ["All"]
    assert listed(page) == ["c1", "c2", "c3"]


@pytest.mark.parametrize(
    ("query", "found"),
    [("?q=kow", ["c3"]), ("?q=T1", ["c2"]), ("?q=rimu.example", ["c1"]), ("?q=nobody", [])],
    ids=["name", "code", "e-mail", "nothing"],
)
@pytest.mark.usefixtures("pulled")
def test_contacts_are_searched(surfer: Surfer, query: str, found: list[str]) -> None:
    """Words of either side find a contact in any state."""
    assert listed(surfer.open(LIST + query)) == found


def test_long_lists_have_pages(server: Served, client: Client, surfer: Surfer) -> None:
    """Fifty are on a page; the next and the first are one click away, and a change comes back."""
    rows = (
        ContactRow(Contact(f"c{number:03}", f"Contact {number}"), "", MappingState.UNMAPPED)
        for number in range(120)
    )
    store_contacts(server.wired, *rows)
    first = surfer.open(LIST)

    second = follow(surfer, first, "a[rel=next]")
    third = follow(surfer, second, "a[rel=next]")

    assert listed(first) + listed(second) + listed(third) == [f"c{each:03}" for each in range(120)]
    assert not third.html.select("a[rel=next]")
    (start,) = (each for each in third.html.select("a") if each.get_text() == "First page")
    assert listed(surfer.open(str(start["href"]))) == listed(first)
    customer(client, {"display_name": "New"}, "new")
    assign = follow(surfer, second, "#assign-c060")
    after = surfer.submit(assign, "#assign-form", ours="workspaces/acme/customers/new")
    assert listed(after) == listed(second)
    assert contact(client, "c060").customer == "workspaces/acme/customers/new"


@pytest.mark.usefixtures("pulled")
def test_page_that_is_no_more_leads_to_the_start(surfer: Surfer) -> None:
    """A token of another list, from an old bookmark, opens the list from its start."""
    page = surfer.open(f"{LIST}?show=all&page=old")

    assert page.address == f"{LIST}?show=all"
    assert page.status == 200


def test_candidates_are_told_apart_and_one_is_assigned(pulled: Client, surfer: Surfer) -> None:
    """Side by side it shows what is the same and what differs; the chosen one is assigned."""
    page = follow(surfer, surfer.open(f"{LIST}?q=rimu"), "#assign-c1")

    first, second = page.html.select(".choice")
    assert [each.get_text() for each in first.select(".mark")] == ["same", "differs", "same"]
    assert [each.get_text() for each in second.select(".mark")] == ["same", "same", "same"]
    assert [each.get_text().strip() for each in page.html.select(".fact-apart")] == [
        "555 0142",
        "555 0199",
    ]
    assert not page.html.select("input[name=ours][checked]")
    after = surfer.submit(page, "#assign-form", ours=RIMU_2)

    assert "is the customer \u2068Rimu Ltd\u2069 now" in after.notices[0]
    assert parse_qs(urlsplit(after.address).query) == {"show": ["all"], "q": ["rimu"]}
    assert contact(pulled, "c1").customer == RIMU_2


def test_another_customer_than_those_that_fit_is_found(pulled: Client, surfer: Surfer) -> None:
    """A search among all customers offers them, and says which belong to another contact."""
    customer(pulled, {"display_name": "Totara North"}, "north")
    page = follow(surfer, surfer.open(LIST), "#assign-c1")

    found = surfer.submit(page, ".choose-ours form.search", q="totara")

    assert found.words(".choice label") == ["Totara North", "Totara"]
    assert found.one("#ours-totara").has_attr("disabled")
    assert "Belongs to the contact \u2068Totara\u2069 already" in found.words(".choice-taken")[0]
    surfer.submit(found, "#assign-form", ours="workspaces/acme/customers/north")
    assert contact(pulled, "c1").customer == "workspaces/acme/customers/north"


def test_contact_that_nothing_fits_is_searched_by_its_name(pulled: Client, surfer: Surfer) -> None:
    """Where there are no candidates, the customers with the contact's name are offered at once."""
    page = follow(surfer, surfer.open(f"{LIST}?show=unmapped"), "#assign-c3")
    assert "No customer matches" in page.text
    customer(pulled, {"display_name": "Kowhai (new)"}, "kowhai")

    again = surfer.open(page.address)

    assert again.words(".choice label") == ["Kowhai (new)"]
    assert again.one("#q")["value"] == "Kowhai"


def test_customer_that_was_assigned_elsewhere_meanwhile(pulled: Client, surfer: Surfer) -> None:
    """The refusal names the contact that has the customer, and the page stays."""
    page = follow(surfer, surfer.open(f"{LIST}?show=unmapped"), "#assign-c3")
    name = f"{ACME}/contactMappings/c1"
    pulled.mappings.AssignContactMapping(AssignContactMappingRequest(name=name, customer=RIMU))

    after = surfer.submit(page, "#assign-form", ours=RIMU)

    assert after.status == 409
    told = "The customer \u2068Rimu Ltd\u2069 belongs to the contact \u2068Rimu Ltd\u2069 already."
    assert told in after.words("main [role=alert]")[0]
    assert contact(pulled, "c3").customer == ""


def test_choosing_nothing_is_said(pulled: Client, surfer: Surfer) -> None:
    """Assign without a choice asks for one and changes nothing."""
    page = follow(surfer, surfer.open(LIST), "#assign-c1")

    after = surfer.submit(page, "#assign-form")

    assert "Choose a customer first." in after.words("main [role=alert]")
    assert contact(pulled, "c1").customer == ""


@pytest.mark.parametrize("what", ["assign", "remove"])
def test_somebody_else_was_faster(pulled: Client, surfer: Surfer, what: str) -> None:
    """On top of another's change nothing happens; it is shown as it is now and can be done then."""
    page = follow(surfer, surfer.open(f"{LIST}?show=mapped"), f"#{what}-c2")
    name = f"{ACME}/contactMappings/c2"
    pulled.mappings.AssignContactMapping(AssignContactMappingRequest(name=name, customer=RIMU))

    late = surfer.submit(page, f"#{what}-form", ours=RIMU_2)

    assert late.status == 409
    assert "Somebody else changed this contact meanwhile" in late.words("main [role=alert]")[0]
    assert contact(pulled, "c2").customer == RIMU
    surfer.submit(late, f"#{what}-form", ours=RIMU_2)
    assert contact(pulled, "c2").customer == ("" if what == "remove" else RIMU_2)


def test_form_that_is_sent_twice_is_done_once(pulled: Client, surfer: Surfer) -> None:
    """The second time leads back to the list as the first, and nobody is blamed for it."""
    page = follow(surfer, surfer.open(LIST), "#assign-c1")
    removal = follow(surfer, surfer.open(f"{LIST}?show=mapped"), "#remove-c2")

    twice = [surfer.submit(page, "#assign-form", ours=RIMU) for _ in range(2)]
    twice += [surfer.submit(removal, "#remove-form") for _ in range(2)]

    assert [each.status for each in twice] == [200] * 4
    assert (contact(pulled, "c1").customer, contact(pulled, "c2").customer) == (RIMU, "")


def test_mapping_is_removed_after_a_question(pulled: Client, surfer: Surfer) -> None:
    """It says what removing means, and leads back to where the person was."""
    page = follow(surfer, surfer.open(f"{LIST}?show=mapped"), "#remove-c2")
    assert page.words("h1") == ["Remove this mapping?"]
    assert "Its fields are yours again" in page.text
    assert contact(pulled, "c2").customer == TOTARA

    after = surfer.submit(page, "#remove-form")

    assert after.notices == ["The contact \u2068Totara\u2069 has no customer now."]
    assert after.address == f"{LIST}?show=mapped"
    assert contact(pulled, "c2").detached


@pytest.mark.usefixtures("pulled")
def test_what_was_merged_says_what_to_do(server: Served, surfer: Surfer) -> None:
    """Its reason and the way out are in the list and above what can be assigned."""
    reason = "It was merged into contact c9, which has a customer already."
    row = ContactRow(Contact("c4", "Matai"), "", MappingState.NEEDS_REVIEW, "rimu", reason)
    store_contacts(server.wired, row)

    page = surfer.open(f"{LIST}?show=review")

    assert f"{reason} Remove this mapping" in page.words("#row-c4")[0]
    assert reason in follow(surfer, page, "#assign-c4").words(".notice")[0]


@pytest.mark.usefixtures("pulled")
def test_vanished_item_is_refused_in_words(server: Served, surfer: Surfer) -> None:
    """What the provider has no more cannot be assigned, and the page says so."""
    page = follow(surfer, surfer.open(ITEMS), "#assign-i1")
    with server.wired.database.transaction():
        items.vanish(server.wired.database, KAURI, ["i1"], server.wired.clock())

    after = surfer.submit(page, "#assign-form", etag="", ours="workspaces/acme/products/pipe")

    assert after.status == 409
    assert "Pipe is gone at the provider" in after.words("main [role=alert]")[0]


def test_who_has_a_customer_is_named_whatever_it_is_called(pulled: Client, surfer: Surfer) -> None:
    """A contact is named also where nothing of it has the words its customer was found by."""
    name = f"{ACME}/contactMappings/c3"
    customer(pulled, {"display_name": "Sunny Ltd"}, "sunny")
    sunny = "workspaces/acme/customers/sunny"
    pulled.mappings.AssignContactMapping(AssignContactMappingRequest(name=name, customer=sunny))
    update = UpdateCustomerRequest(customer=Customer(name=sunny, email="hi@golden.example"))
    pulled.records.UpdateCustomer(update)

    page = surfer.open(f"{LIST}/c1/assign?q=golden")

    (taken,) = page.words(".choice-taken")
    assert "Belongs to the contact \u2068Kowhai\u2069 already" in taken


@pytest.mark.usefixtures("pulled")
def test_way_back_stays_on_our_list(surfer: Surfer) -> None:
    """Whatever an address says about the way back, it leads to the list."""
    page = surfer.open(f"{LIST}/c1/assign?back=%2F%2Fevil.example%3Fq%3Dx%26show%3Dall%26next%3D1")

    back = [str(each["href"]) for each in page.html.select(".bar a")]

    assert back == [f"{LIST}?show=all"]


def test_item_is_settled_like_a_contact(pulled: Client, surfer: Surfer) -> None:
    """Items have the same pages, in their own words."""
    page = follow(surfer, surfer.open(ITEMS), "#assign-i1")
    assert page.words("h1") == ["Which product is this item?"]

    after = surfer.submit(page, "#assign-form", ours="workspaces/acme/products/tube")
    assert item(pulled).product == "workspaces/acme/products/tube"
    removal = follow(surfer, surfer.open(f"{ITEMS}?show=mapped"), "#remove-i1")
    surfer.submit(removal, "#remove-form")

    assert "The item \u2068Pipe\u2069 is the product \u2068Tube\u2069 now." in after.notices[0]
    assert item(pulled).detached


@pytest.mark.parametrize(
    ("path", "module"), [(LIST, "Contacts"), (ITEMS, "Items")], ids=["contacts", "items"]
)
def test_empty_pages_say_what_to_do(server: Served, surfer: Surfer, path: str, module: str) -> None:
    """Without a connection it leads to connecting, without records to syncing them."""
    nowhere = surfer.open(path)
    server.wired.connect()
    nothing = surfer.open(path)

    assert "Connect Ledger first" in nowhere.text
    assert f"Sync {module} first" in nothing.text
    assert nothing.one(".empty a")["href"] == HERE


@pytest.mark.usefixtures("pulled")
def test_viewer_sees_the_list_without_controls(signed_in: SignedIn) -> None:
    """Somebody who may look only sees both sides, and nothing to change them with."""
    page = signed_in("VIEWER", "acme").open(LIST)

    assert "Rimu Ltd" in page.one("#row-c1").get_text()
    assert not page.html.select("table a, table button, table input")


def test_hostile_names_stay_words(server: Served, client: Client, surfer: Surfer) -> None:
    """Markup, long, reversed and invisible names are shown as names, in lists and notices."""
    names = ["<script>alert(1)</script>", "y" * 500, "\u202eevil", "\u2800\u3164", "🍕 & 'more\""]
    rows = (
        ContactRow(Contact(f"c{place}", name), "", MappingState.UNMAPPED)
        for place, name in enumerate(names)
    )
    store_contacts(server.wired, *rows)
    customer(client, {"display_name": "<b>Bold</b>"}, "bold")
    customer(client, {"display_name": "z" * 255}, "long")

    page = surfer.open(LIST)

    assert page.words("tbody th bdi") == [names[0], names[1], names[2], names[4]]
    assert page.words("#title-c3") == ["(blank name)"]
    assert page.html.select("#title-c1 details")
    for place in range(len(names)):
        assign = follow(surfer, page, f"#assign-c{place}")
        assert assign.status == 200
        assert not assign.html.select("main script, main b")
    found = surfer.submit(assign, ".choose-ours form.search", q="zzz")
    assert found.words("#ours-long-facts details bdi") == ["z" * 255]
    after = surfer.submit(assign, "#assign-form", ours="workspaces/acme/customers/bold")
    assert "\u2068🍕 & 'more\"\u2069 is the customer \u2068<b>Bold</b>\u2069" in after.notices[0]
