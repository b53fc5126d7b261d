"""Two people who change settings at once."""

import pytest
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct

from browsing import Page, Surfer
from fake_provider import FAKE
from syncline.v1 import integration_pb2 as pb
from syncline_client import Client
from wiring import ACME

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PAGE = f"/workspaces/acme/integrations/{FAKE}/settings"
SETTINGS = f"{ACME}/settings"
PHONE = "options.phone_field"
PRICE = "options.base_price_sync"
STOCK = "options.stock_limit"


def stored(client: Client) -> dict[str, object]:
    """Return the options in their JSON form."""
    answer = client.integrations.GetSettings(pb.GetSettingsRequest(name=SETTINGS))
    found: dict[str, object] = MessageToDict(answer.settings.options)
    return found


def somebody_sets(client: Client, **options: object) -> None:
    """Have somebody else change options."""
    values = Struct()
    values.update(options)
    settings = pb.Settings(name=SETTINGS, options=values)
    client.integrations.UpdateSettings(pb.UpdateSettingsRequest(settings=settings))


def save(surfer: Surfer, page: Page, **changed: str) -> Page:
    """Change fields of the form and save it."""
    return surfer.submit(page, "form#settings", **changed)


def chosen(page: Page, name: str) -> str:
    """Return what a list has chosen."""
    return str(page.one(f'select[name="{name}"] option[selected]').get("value"))


def field(page: Page, name: str) -> str:
    """Return what a text field holds."""
    return str(page.one(f'input[name="{name}"]')["value"])


def test_a_change_by_somebody_else_is_shown_with_ones_own(surfer: Surfer, client: Client) -> None:
    """Nothing is saved; what one typed is kept, the rest is as it is now, and both are named."""
    page = surfer.open(PAGE)
    somebody_sets(client, phone_field="MOBILE", base_price_sync=True)

    conflict = save(surfer, page, **{PHONE: "NONE", STOCK: "4"})

    assert conflict.status == 409
    assert conflict.words("#overtaken li") == [
        "Phone is now “ MOBILE ”; you chose “ NONE ”.",
        "Base Price Sync is now “ On ”.",
    ]
    assert "Somebody else chose “ MOBILE ”" in conflict.words("#options-phone_field-theirs")[0]
    assert (chosen(conflict, PHONE), field(conflict, STOCK)) == ("NONE", "4")
    assert conflict.one(f'[name="{PRICE}"]').has_attr("checked")
    assert stored(client)["phone_field"] == "MOBILE"


def test_save_anyway_stores_what_the_form_shows(surfer: Surfer, client: Client) -> None:
    """The second time it is saved, over the other's choice and beside their other changes."""
    page = surfer.open(PAGE)
    somebody_sets(client, phone_field="MOBILE", base_price_sync=True)
    conflict = save(surfer, page, **{PHONE: "NONE"})

    assert conflict.words("form#settings button") == ["Save anyway"]
    after = save(surfer, conflict)

    assert after.notices[0].startswith("Settings are saved. Phone: NONE (was MOBILE)")
    assert stored(client) == {
        "phone_field": "NONE",
        "base_price_sync": True,
        "stock_limit": 10.0,
    }


def test_theirs_can_be_taken(surfer: Surfer, client: Client) -> None:
    """The other way out leads to the settings as they are stored now."""
    page = surfer.open(PAGE)
    somebody_sets(client, phone_field="MOBILE")
    conflict = save(surfer, page, **{PHONE: "NONE"})

    link = conflict.one(".save-bar a.button")
    assert link.get_text() == "Take theirs"
    assert conflict.words(".save-bar .saying a") == ["See what somebody else changed"]
    assert chosen(surfer.open(str(link["href"])), PHONE) == "MOBILE"


def test_a_form_that_is_sent_twice_is_saved_once(surfer: Surfer, client: Client) -> None:
    """Nobody is blamed for what one stored oneself, in other words or the same."""
    somebody_sets(client, phone_field="MOBILE", stock_limit=3)
    page = surfer.open(PAGE)
    typed = {PHONE: "NONE", STOCK: ""}
    save(surfer, page, **typed)

    after = save(surfer, page, **typed)

    assert after.notices == ["It is saved like that already."]
    assert stored(client)["phone_field"] == "NONE"


def test_what_is_stored_as_one_typed_it_is_no_conflict(surfer: Surfer, client: Client) -> None:
    """Beside something that is one, it is not named."""
    page = surfer.open(PAGE)
    somebody_sets(client, phone_field="MOBILE", stock_limit=4)

    conflict = save(surfer, page, **{PHONE: "NONE", STOCK: "4"})

    assert conflict.words("#overtaken li") == ["Phone is now “ MOBILE ”; you chose “ NONE ”."]


def test_a_third_change_asks_again(surfer: Surfer, client: Client) -> None:
    """Save anyway is about what was shown: who changes it once more is shown once more."""
    page = surfer.open(PAGE)
    somebody_sets(client, phone_field="MOBILE")
    conflict = save(surfer, page, **{PHONE: "NONE"})
    somebody_sets(client, phone_field="DEFAULT")

    again = save(surfer, conflict)

    assert again.status == 409
    assert again.words("#overtaken li") == ["Phone is now “ DEFAULT ”; you chose “ NONE ”."]
