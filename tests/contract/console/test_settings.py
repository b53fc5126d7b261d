"""The page of settings."""

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct

from browsing import Page, Surfer
from fake_provider import FAKE
from signing_in import SignedIn
from syncline.v1 import integration_pb2 as pb
from syncline_client import Client
from syncline_console.people import Role
from syncline_server.core.model import RunState
from wiring import ACME, Served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PAGE = f"/workspaces/acme/integrations/{FAKE}/settings"
SETTINGS = f"{ACME}/settings"
PHONE = "options.phone_field"
PRICE = "options.base_price_sync"
STOCK = "options.stock_limit"
CONTACTS = "automatic_intervals.contacts"


def stored(client: Client) -> dict[str, object]:
    """Return the settings in their JSON form."""
    answer = client.integrations.GetSettings(pb.GetSettingsRequest(name=SETTINGS))
    return MessageToDict(answer.settings)


def somebody_sets(client: Client, **options: object) -> None:
    """Have somebody else change options."""
    values = Struct()
    values.update(options)
    settings = pb.Settings(name=SETTINGS, options=values)
    client.integrations.UpdateSettings(pb.UpdateSettingsRequest(settings=settings))


def save(surfer: Surfer, page: Page | None = None, **changed: str | list[str]) -> Page:
    """Change fields of the form and save it, on the page as it is now unless one is given."""
    return surfer.submit(page or surfer.open(PAGE), "form#settings", **changed)


def chosen(page: Page, name: str) -> str:
    """Return what a list has chosen."""
    return str(page.one(f'select[name="{name}"] option[selected]').get("value"))


def field(page: Page, name: str) -> str:
    """Return what a text field holds."""
    return str(page.one(f'input[name="{name}"]')["value"])


def test_every_setting_stands_with_its_module(surfer: Surfer) -> None:
    """Each module has a part of its own, in the order of the chain, with all it lets one set."""
    page = surfer.open(PAGE)

    assert page.words("fieldset legend") == [
        "Tax Rates",
        "Contacts",
        "Items",
        "Invoice Push",
        "Invoice Pull",
    ]
    shown = page.html.select("#section-contacts [name]:not([type=hidden])")
    assert [each["name"] for each in shown] == [
        PHONE,
        CONTACTS,
        f"{CONTACTS}.number",
        f"{CONTACTS}.unit",
    ]
    assert chosen(page, PHONE) == "DEFAULT"
    assert field(page, STOCK) == "10"
    assert not page.one(f'[name="{PRICE}"]').has_attr("checked")


def test_each_field_has_a_label_and_its_help(surfer: Surfer) -> None:
    """Every field that people fill in is named, and what describes it is there."""
    page = surfer.open(PAGE)

    for each in page.html.select("#settings [name]:not([type=hidden])"):
        assert page.words(f'label[for="{each["id"]}"]') or each.find_parent("label")
        for described in str(each.get("aria-describedby", "")).split():
            assert page.one(f"#{described}")
    assert "Contacts reads everything again" in page.words("#options-phone_field-help")[0]


def test_the_page_says_whose_fields_are_whose(surfer: Surfer) -> None:
    """What the provider owns while a sync is on stands beside the settings that decide it."""
    page = surfer.open(PAGE)

    assert "Ledger, while Sync Contacts is on" in page.words("#section-contacts .owned")[0]
    assert "contact person, order web access, notes" in page.words("#section-contacts .owned")[0]
    assert "unit of measure" in page.words("#section-items .owned")[0]
    assert page.words("#section-invoice_pull .owned") == []


def test_what_was_saved_is_told_and_kept(surfer: Surfer, client: Client) -> None:
    """Every change is stored at once and named in words, with what is read again because of it."""
    page = save(surfer, **{PHONE: "NONE", PRICE: "true", STOCK: "-5", CONTACTS: "15 minutes"})

    assert page.address == PAGE
    (notice,) = page.notices
    assert notice == (
        "Settings are saved. Phone: NONE (was DEFAULT) Contacts by itself: Every 15 minutes"
        " (was Off) Base Price Sync: On (was Off) Stock limit: -5 (was 10) Contacts reads"
        " everything again on its next run."
    )
    now = stored(client)
    assert now["options"] == {"phone_field": "NONE", "base_price_sync": True, "stock_limit": -5.0}
    assert now["automaticIntervals"] == {"contacts": "900s"}
    assert (chosen(page, PHONE), chosen(page, CONTACTS)) == ("NONE", "15 minutes")
    assert page.one(f'[name="{PRICE}"]').has_attr("checked")


def test_a_box_that_is_unticked_turns_off(surfer: Surfer, client: Client) -> None:
    """Browsers send nothing for an empty box; it counts as off all the same."""
    somebody_sets(client, base_price_sync=True)
    page = surfer.open(PAGE)

    save(surfer, page, **{PRICE: []})

    assert stored(client)["options"]["base_price_sync"] is False  # type: ignore[index]


def test_nothing_changed_is_said(surfer: Surfer, client: Client) -> None:
    """Saving what is stored already stores nothing."""
    before = stored(client)

    assert save(surfer).notices == ["Nothing was changed."]
    assert stored(client) == before


def test_an_emptied_number_goes_back_to_its_default(surfer: Surfer, client: Client) -> None:
    """Nothing in the field means what the module declares."""
    somebody_sets(client, stock_limit=3)

    page = save(surfer, **{STOCK: ""})

    assert field(page, STOCK) == "10"
    assert page.notices == ["Settings are saved. Stock limit: 10 (was 3)"]


def test_toggles_are_left_alone(surfer: Surfer, client: Client) -> None:
    """A toggle that was flipped meanwhile is no reason to stop, and stays as it is."""
    page = surfer.open(PAGE)
    settings = pb.Settings(name=SETTINGS, toggles={"contacts": True})
    client.integrations.UpdateSettings(pb.UpdateSettingsRequest(settings=settings))

    after = save(surfer, page, **{PHONE: "MOBILE"})

    assert after.notices[0].startswith("Settings are saved.")
    assert stored(client)["toggles"] == {
        "contacts": True,
        "items": False,
        "tax_rates": False,
        "invoices": False,
    }


@pytest.mark.parametrize(
    ("number", "unit", "seconds"),
    [
        pytest.param("1", "minutes", 60, id="shortest"),
        pytest.param("30", "days", 2_592_000, id="longest"),
        pytest.param("90", "minutes", 5400, id="between"),
    ],
)
def test_an_interval_of_ones_own(
    surfer: Surfer, client: Client, number: str, unit: str, seconds: int
) -> None:
    """Number and unit say any interval that the API takes; the page shows it again."""
    typed = {CONTACTS: "own", f"{CONTACTS}.number": number, f"{CONTACTS}.unit": unit}

    page = save(surfer, **typed)

    assert stored(client)["automaticIntervals"] == {"contacts": f"{seconds}s"}
    assert chosen(page, CONTACTS) == "own"
    assert field(page, f"{CONTACTS}.number") == number


@pytest.mark.parametrize(
    ("number", "unit", "words"),
    [
        pytest.param("0", "minutes", "from 1 minute to 30 days", id="none"),
        pytest.param("59", "seconds", "from 1 minute to 30 days", id="short"),
        pytest.param("31", "days", "from 1 minute to 30 days", id="long"),
        pytest.param("soon", "hours", "whole number", id="words"),
        pytest.param("1.5", "hours", "whole number", id="fraction"),
        pytest.param("", "hours", "whole number", id="nothing"),
        pytest.param("2", "moons", "minutes, hours or days", id="unit"),
    ],
)
def test_an_interval_that_cannot_be_is_refused_beside_its_field(
    surfer: Surfer, client: Client, number: str, unit: str, words: str
) -> None:
    """The reason stands at the field, which keeps what was typed; nothing is stored."""
    before = stored(client)

    page = save(
        surfer,
        **{
            PHONE: "MOBILE",
            CONTACTS: "own",
            f"{CONTACTS}.number": number,
            f"{CONTACTS}.unit": unit,
        },
    )

    assert page.status == 422
    select = page.one(f'select[name="{CONTACTS}"]')
    assert select["aria-invalid"] == "true"
    assert "automatic_intervals-contacts-wrong" in str(select["aria-describedby"]).split()
    assert words in page.words("#automatic_intervals-contacts-wrong")[0]
    assert field(page, f"{CONTACTS}.number") == number
    assert chosen(page, PHONE) == "MOBILE"
    assert stored(client) == before


def test_every_wrong_field_is_named_on_top(surfer: Surfer, client: Client) -> None:
    """The list on top leads to each; when they are mended the same form saves all of it."""
    own = {CONTACTS: "own", f"{CONTACTS}.number": "x", f"{CONTACTS}.unit": "hours"}
    page = save(surfer, **{STOCK: "many", **own, PHONE: "NONE"})

    links = [str(each["href"]) for each in page.html.select("#refused a")]
    assert links == ["#automatic_intervals-contacts", "#options-stock_limit"]
    assert all(page.one(link) for link in links)
    assert "2 fields need another value" in page.words("#refused")[0]

    assert page.words(".save-bar .saying") == ["Nothing is saved yet. See what to change"]

    after = save(surfer, page, **{STOCK: "7", CONTACTS: "1 days"})
    assert after.notices[0].startswith("Settings are saved.")
    assert stored(client)["options"] == {
        "phone_field": "NONE",
        "base_price_sync": False,
        "stock_limit": 7.0,
    }
    assert stored(client)["automaticIntervals"] == {"contacts": "86400s"}


def test_what_the_server_refuses_stands_beside_its_field(surfer: Surfer, client: Client) -> None:
    """A choice that is none any more is refused by the server, and everything typed is kept."""
    page = save(surfer, **{PHONE: "PAGER", STOCK: "8"})

    assert page.status == 422
    assert "DEFAULT" in page.words("#options-phone_field-wrong")[0]
    assert field(page, STOCK) == "8"
    assert stored(client)["options"]["stock_limit"] == 10.0  # type: ignore[index]


def run_by_themselves(client: Client, *modules: str) -> None:
    """Turn modules on and have them run every quarter of an hour."""
    settings = pb.Settings(
        name=SETTINGS,
        toggles=dict.fromkeys(modules, True),
        automatic_intervals={each: Duration(seconds=900) for each in modules},
    )
    client.integrations.UpdateSettings(pb.UpdateSettingsRequest(settings=settings))


def test_when_it_is_due_and_what_holds_it(surfer: Surfer, client: Client, server: Served) -> None:
    """A module that runs by itself says when next, or what keeps it although it is due."""
    run_by_themselves(client, "tax_rates", "contacts")
    server.wired.connect()

    page = surfer.open(PAGE)

    (free,) = page.words("#section-tax_rates .due")
    assert free == "Next due 1 Oct 2026, 12:00 UTC ."
    assert page.words("#section-contacts .due li") == [
        "Sync Tax Rates first.",
        "Complete Tax Mapping.",
    ]
    assert page.words("#section-contacts .due p")[0].startswith("Due since 1 Oct 2026, 12:00 UTC")
    assert page.words("#section-items .due") == []


def test_a_connection_that_is_missing_holds_everything(surfer: Surfer, client: Client) -> None:
    """Not connected, the page says so on top and beside what is due."""
    run_by_themselves(client, "tax_rates")

    page = surfer.open(PAGE)

    assert page.words("#section-tax_rates .due li") == ["Connect Ledger."]
    assert "Ledger is not connected now" in page.text


def test_what_failed_waits_longer(surfer: Surfer, client: Client, server: Served) -> None:
    """The runs that failed in a row are told beside when it is due."""
    wired = server.wired
    run_by_themselves(client, "tax_rates")
    wired.connect()
    trigger = pb.TriggerSyncRequest(connection=str(ACME), module="tax_rates")
    run = client.integrations.TriggerSync(trigger).run
    wired.end(wired.begin(run.name.rpartition("/")[2]), RunState.FAILED)

    page = surfer.open(PAGE)

    assert "Its last run failed, so it waits longer." in page.words("#section-tax_rates .due")[0]


def test_a_form_of_another_site_does_nothing(surfer: Surfer, client: Client) -> None:
    """A form without this session's token is refused."""
    before = stored(client)

    assert surfer.send("POST", PAGE, data={f"was.{PHONE}": "", PHONE: "NONE"}).status_code == 403
    assert stored(client) == before


def test_fields_that_the_page_did_not_have_are_left_alone(surfer: Surfer, client: Client) -> None:
    """A form of before a module was installed does not set the module's fields."""
    somebody_sets(client, base_price_sync=True, stock_limit=3)
    csrf = str(surfer.open(PAGE).one('#settings [name="csrf"]')["value"])

    surfer.send("POST", PAGE, data={"csrf": csrf, f"was.{PHONE}": "DEFAULT", PHONE: "MOBILE"})

    assert stored(client)["options"] == {
        "phone_field": "MOBILE",
        "base_price_sync": True,
        "stock_limit": 3.0,
    }


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_who_may_not_change_them_reads_them(
    client: Client, signed_in: SignedIn, role: Role
) -> None:
    """They see every value in words, nothing to fill in, and who could change it."""
    somebody_sets(client, phone_field="MOBILE")

    page = signed_in(role, "acme").open(PAGE)

    assert "Only an administrator can change this." in page.text
    assert not page.html.select("form#settings, main [name^=options]")
    assert "MOBILE" in page.words("main bdi")
