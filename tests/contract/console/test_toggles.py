"""Toggles on the overview."""

import pytest
from bs4 import BeautifulSoup
from google.protobuf.duration_pb2 import Duration

from browsing import Page, Surfer
from fake_provider import FAKE
from syncline.v1 import integration_pb2 as pb
from syncline_client import Client
from syncline_console.fragments import Looker
from syncline_console.people import Role
from syncline_console.standing import Standing
from syncline_console.statics import Statics
from syncline_console.templates import environment
from syncline_console.views.toggles import TOGGLES
from wiring import ACME, Served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OVERVIEW = f"/workspaces/acme/integrations/{FAKE}"
SETTINGS = f"{ACME}/settings"


def flip(surfer: Surfer, toggle: str, page: Page | None = None) -> Page:
    """Use a switch, on the overview as it is now unless a page is given."""
    return surfer.submit(page or surfer.open(OVERVIEW), f'#toggles [data-toggle="{toggle}"]')


def set_toggles(client: Client, **toggles: bool) -> None:
    """Have somebody else set toggles."""
    settings = pb.Settings(name=SETTINGS, toggles=toggles)
    client.integrations.UpdateSettings(pb.UpdateSettingsRequest(settings=settings))


def on(client: Client) -> set[str]:
    """Return the toggles that are on."""
    settings = client.integrations.GetSettings(pb.GetSettingsRequest(name=SETTINGS)).settings
    return {name for name, value in settings.toggles.items() if value}


def states(page: Page) -> dict[str, str]:
    """Return what each switch shows."""
    return {
        str(form["data-toggle"]): str(form.select('[role="switch"]')[0]["aria-checked"])
        for form in page.html.select("#toggles [data-toggle]")
    }


def test_each_toggle_is_a_switch_with_its_name_and_purpose(surfer: Surfer) -> None:
    """A switch is named by its title, and described by what moves where."""
    page = surfer.open(OVERVIEW)

    assert states(page) == dict.fromkeys(("tax_rates", "contacts", "items", "invoices"), "false")
    switch = page.one('[data-toggle="invoices"] [role="switch"]')
    assert page.words(f"#{switch['aria-labelledby']}") == ["Sync Invoices"]
    what, note = str(switch["aria-describedby"]).split()
    assert page.words(f"#{what}") == [
        "Invoice Push : from Orderverse to Ledger. Invoice Pull : from Ledger to Orderverse."
    ]
    assert page.words(f"#{note}") == ["Also turns on Sync Tax Rates, Sync Contacts and Sync Items."]


def test_turning_on_tells_what_else_was_turned_on(surfer: Surfer, client: Client) -> None:
    """Invoices turns the other three on, and says so."""
    page = flip(surfer, "invoices")

    assert on(client) == {"tax_rates", "contacts", "items", "invoices"}
    (notice,) = page.notices
    assert notice == (
        "Sync Invoices is on. Sync Tax Rates, Sync Contacts and Sync Items turned on too: Sync"
        " Invoices needs them."
    )
    assert page.address == OVERVIEW


def test_one_that_is_turned_on_too_is_told_alone(surfer: Surfer) -> None:
    """Items needs Tax Rates alone; with that on, nothing else is told."""
    assert flip(surfer, "items").notices == [
        "Sync Items is on. Sync Tax Rates turned on too: Sync Items needs it."
    ]
    assert flip(surfer, "contacts").notices == ["Sync Contacts is on."]


def test_what_others_need_is_locked_and_says_by_what(surfer: Surfer, client: Client) -> None:
    """A locked switch is disabled, with what to turn off first beside it."""
    set_toggles(client, invoices=True)
    page = surfer.open(OVERVIEW)

    locked = page.one('[data-toggle="contacts"] [role="switch"]')
    assert locked.has_attr("disabled")
    assert page.words("#toggle-contacts-note") == ["Needed by Sync Invoices. Turn that off first."]
    assert page.words("#toggle-tax_rates-note") == [
        "Needed by Sync Items and Sync Invoices. Turn those off first."
    ]
    assert not page.one('[data-toggle="invoices"] [role="switch"]').has_attr("disabled")


def test_turning_off_says_what_stops_and_what_stays(surfer: Surfer, client: Client) -> None:
    """Before and after: nothing starts any more, what was synced stays."""
    set_toggles(client, contacts=True)
    page = surfer.open(OVERVIEW)

    assert "What was synced stays." in page.words("#toggle-contacts-note")[0]
    after = flip(surfer, "contacts", page)
    (notice,) = after.notices
    assert notice == (
        "Sync Contacts is off. Its syncs are not started any more, by hand or by themselves. What"
        " was synced stays."
    )
    assert on(client) == set()


def test_turned_on_again_tells_what_is_read_again(
    surfer: Surfer, client: Client, server: Served
) -> None:
    """Records may have been edited while nobody owned them, so the module reads everything."""
    wired = server.wired
    wired.connect()
    wired.switch_on("contacts")
    trigger = pb.TriggerSyncRequest(connection=str(ACME), module="contacts")
    wired.end(wired.begin(client.integrations.TriggerSync(trigger).run.name.rpartition("/")[2]))

    flip(surfer, "contacts")

    assert flip(surfer, "contacts").notices == [
        "Sync Contacts is on. Contacts reads everything again on its next run."
    ]


def test_two_people_who_want_the_same_do_not_undo_each_other(
    surfer: Surfer, client: Client
) -> None:
    """Who comes second with the same wish is told that it was done already."""
    page = surfer.open(OVERVIEW)
    set_toggles(client, contacts=True)

    after = flip(surfer, "contacts", page)

    assert on(client) == {"contacts"}
    assert after.notices == [
        "Sync Contacts was on already, so nothing was changed. Perhaps somebody else was faster."
    ]


def test_what_was_locked_meanwhile_stays_on(surfer: Surfer, client: Client) -> None:
    """Somebody turned Invoices on since the page was made: Contacts cannot go off, and why."""
    set_toggles(client, contacts=True)
    page = surfer.open(OVERVIEW)
    set_toggles(client, invoices=True)

    after = flip(surfer, "contacts", page)

    assert "contacts" in on(client)
    assert after.notices == [
        "Sync Contacts stays on. Sync Invoices needs Sync Contacts: turn Sync Invoices off first."
    ]


@pytest.mark.parametrize(
    ("toggle", "wanted"),
    [
        pytest.param("contacts", "", id="no-wish"),
        pytest.param("contacts", "toggle", id="no-state"),
        pytest.param("stock", "on", id="unknown"),
    ],
)
def test_a_form_of_no_page_of_ours_changes_nothing(
    surfer: Surfer, client: Client, toggle: str, wanted: str
) -> None:
    """Only "on" and "off" are wishes, and only for what there is."""
    set_toggles(client, contacts=True)
    csrf = str(surfer.open(OVERVIEW).one('[data-toggle="contacts"] [name="csrf"]')["value"])

    answer = surfer.send(
        "POST", f"{OVERVIEW}/toggles/{toggle}", data={"csrf": csrf, "wanted": wanted}
    )

    assert answer.status_code == 303
    assert surfer.open(OVERVIEW).notices == ["There is no such switch."]
    assert on(client) == {"contacts"}


def test_a_switch_of_another_site_does_nothing(surfer: Surfer, client: Client) -> None:
    """A form without this session's token is refused."""
    surfer.open(OVERVIEW)

    answer = surfer.send("POST", f"{OVERVIEW}/toggles/contacts", data={"wanted": "on"})

    assert answer.status_code == 403
    assert on(client) == set()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_who_may_not_switch_sees_the_state(client: Client, role: Role) -> None:
    """They see what is on, no switch, and who could."""
    set_toggles(client, items=True)
    chain = client.integrations.ListModules(pb.ListModulesRequest(parent=str(ACME)))
    standing = Standing(
        connection=pb.Connection(provider_title="Ledger"),
        modules=chain.modules,
        toggles=chain.toggles,
    )
    looker = Looker(workspace="acme", provider=FAKE, role=role)

    html = TOGGLES.render(environment(Statics()), standing, looker, "")

    assert "Only an administrator can change this" in html
    assert "<button" not in html
    assert "Needed by Sync Items." in html
    assert "Turn" not in html
    states = BeautifulSoup(html, "html.parser").select("[data-toggle] .badge")
    told = {each.parent["data-toggle"]: each.get_text() for each in states if each.parent}
    assert (told["items"], told["contacts"]) == ("On", "Off")


def test_automatic_syncs_are_kept_while_a_toggle_is_off(surfer: Surfer, client: Client) -> None:
    """Turning off and on again brings the interval back, as nothing of the settings is dropped."""
    settings = pb.Settings(
        name=SETTINGS,
        toggles={"contacts": True},
        automatic_intervals={"contacts": Duration(seconds=900)},
    )
    client.integrations.UpdateSettings(pb.UpdateSettingsRequest(settings=settings))

    flip(surfer, "contacts")
    flip(surfer, "contacts")

    kept = client.integrations.GetSettings(pb.GetSettingsRequest(name=SETTINGS)).settings
    assert kept.automatic_intervals["contacts"].seconds == 900
    assert on(client) == {"contacts"}
