"""The page of settings for a plugin with settings of its own."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from google.protobuf.json_format import MessageToDict

from browsing import Surfer
from scripted_modules import BOOKS, installed, module
from syncline.v1 import integration_pb2 as pb
from syncline_client import Client
from syncline_sdk import OptionKind, OwnedField, Setting
from syncline_server.storage.database import Database
from wiring import Served, Wired, Wishes, served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PAGE = f"/workspaces/acme/integrations/{BOOKS}/settings"
HOSTILE = "<script>alert(1)</script>\u202e \"'><img src=x onerror=alert(2)>{{ 7*7 }}" + "W" * 300
SHARED = Setting(name="code", title="Code", kind=OptionKind.TEXT, default="A1", max_length=5)
EVERY_KIND = (
    SHARED,
    Setting(name="remark", title="Remark", kind=OptionKind.TEXT, max_length=2000),
    Setting(name="flag", title="Flag", kind=OptionKind.BOOLEAN, default=True),
    Setting(name="limit", title="Limit", kind=OptionKind.INTEGER),
    Setting(
        name="colour",
        title="Colour",
        kind=OptionKind.CHOICE,
        choices=("RED", "BLUE"),
        choice_titles=("Bright red", "Do not sync"),
        description="Which colour is taken. Do not sync: it stays yours.",
        full_read_on_change=True,
    ),
    Setting(name="start", title="Start", kind=OptionKind.TIMESTAMP),
    Setting(name="names", title="Names", kind=OptionKind.TEXT_LIST, default=(), max_length=3),
)
ODD = Setting(
    name="odd",
    title=HOSTILE,
    kind=OptionKind.CHOICE,
    default="A",
    choices=("A", "B"),
    choice_titles=(HOSTILE, "Plain"),
    description=HOSTILE,
)


@pytest.fixture
def server(database: Database) -> Iterator[Served]:
    """A server with Books, whose modules have settings of every kind."""
    catalogue = installed(
        module("paint", settings=EVERY_KIND),
        replace(module("print", settings=[SHARED, ODD]), owned=(OwnedField(name="code"),)),
    )
    with served(Wired(database, Wishes(catalogue=catalogue))) as running:
        yield running


def options(client: Client) -> dict[str, object]:
    """Return the options in their JSON form."""
    name = f"workspaces/acme/connections/{BOOKS}/settings"
    answer = client.integrations.GetSettings(pb.GetSettingsRequest(name=name))
    found: dict[str, object] = MessageToDict(answer.settings.options)
    return found


def test_every_kind_of_value_can_be_set(surfer: Surfer, client: Client) -> None:
    """What is typed is stored in its kind, and shown again as it was typed."""
    typed = {
        "options.code": "B2",
        "options.remark": "First line\r\nsecond line",
        "options.limit": "12",
        "options.colour": "BLUE",
        "options.start": "2026-10-01T12:30",
        "options.names": "Mia\r\n\r\n Noah \r\n",
    }

    page = surfer.submit(surfer.open(PAGE), "#settings", **{**typed, "options.flag": []})

    assert options(client) == {
        "code": "B2",
        "remark": "First line\nsecond line",
        "flag": False,
        "limit": 12.0,
        "colour": "BLUE",
        "start": "2026-10-01T12:30:00Z",
        "names": ["Mia", "Noah"],
        "odd": "A",
    }
    assert page.one("#options-remark").get_text().strip() == "First line\nsecond line"
    assert page.one("#options-names").get_text().strip() == "Mia\nNoah"
    assert page.one("#options-start")["value"] == "2026-10-01T12:30:00"
    again = surfer.submit(page, "#settings")
    assert again.notices == ["Nothing was changed."]


def test_what_is_emptied_is_nothing_again(surfer: Surfer, client: Client) -> None:
    """Number, time and choice without a default can be taken back; a list becomes empty."""
    full = {
        "options.limit": "12",
        "options.colour": "RED",
        "options.start": "2026-10-01T12:30",
        "options.names": "Mia",
    }
    page = surfer.submit(surfer.open(PAGE), "#settings", **full)

    surfer.submit(page, "#settings", **dict.fromkeys(full, ""))

    assert options(client) == {"code": "A1", "flag": True, "names": [], "odd": "A"}


def test_choices_and_help_are_in_the_words_of_the_plugin(surfer: Surfer) -> None:
    """Titles of choices and the sentence beneath come from the declaration."""
    page = surfer.open(PAGE)

    assert page.words("#options-colour option") == ["Not chosen", "Bright red", "Do not sync"]
    (told,) = page.words("#options-colour-help")
    assert told == (
        "Which colour is taken. Do not sync: it stays yours. After a change, Module paint reads"
        " everything again on the next run."
    )
    assert page.words("#options-names-help") == ["One on each line, at most 3."]

    after = surfer.submit(page, "#settings", **{"options.colour": "BLUE"})
    assert "Colour: Do not sync (was Empty)" in after.notices[0]


def test_a_shared_setting_is_there_once(surfer: Surfer) -> None:
    """It stands with the first module that reads it, and says who else does."""
    page = surfer.open(PAGE)

    assert page.one('#section-paint [name="options.code"]')
    assert page.html.select('#section-print [name="options.code"]') == []
    assert "Module paint and Module print use it." in page.words("#options-code-help")[0]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        pytest.param("code", "too long", "at most 5 characters", id="long text"),
        pytest.param("limit", "twelve", "whole number", id="no number"),
        pytest.param("limit", "1.5", "whole number", id="a fraction"),
        pytest.param("start", "soon", "date and a time", id="no time"),
        pytest.param("colour", "GREEN", "RED, BLUE", id="no choice"),
        pytest.param("names", "a\nb\nc\nd", "at most 3", id="long list"),
    ],
)
def test_what_does_not_fit_its_kind_is_refused_beside_it(
    surfer: Surfer, client: Client, name: str, text: str, words: str
) -> None:
    """The field says what would fit, and keeps what was typed."""
    before = options(client)

    page = surfer.submit(surfer.open(PAGE), "#settings", **{f"options.{name}": text})

    assert page.status == 422
    assert words in page.words(f"#options-{name}-wrong")[0]
    control = page.one(f"#options-{name}")
    assert control["aria-invalid"] == "true"
    assert text in (
        control.get("value"),
        control.get_text().strip(),
        *page.words(f"#options-{name} [selected]"),
    )
    assert options(client) == before


def test_what_a_module_owns_is_told_as_it_declares_it(surfer: Surfer) -> None:
    """A plugin that owns other fields than Xero is described rightly; one that owns none is not."""
    page = surfer.open(PAGE)

    assert page.words("#section-print .owned dd") == [
        "code",
        "name, e-mail, active, phone, address, contact person, order web access, notes",
    ]
    assert page.words("#section-paint .owned") == []


def test_where_new_records_come_from_is_true_of_every_module(surfer: Surfer) -> None:
    """Not every module that owns fields can create: it is not said that anything is created."""
    (told,) = surfer.open(PAGE).words("#section-print .owned p")

    assert told.endswith(" before they are here.")
    assert "create" not in told


def test_hostile_words_are_words(surfer: Surfer) -> None:
    """Whatever a plugin calls its settings is shown as text, also in what is told afterwards."""
    page = surfer.open(PAGE)

    assert page.html.select("#settings script, #settings img") == []
    assert page.one('label[for="options-odd"]').get_text() == HOSTILE
    assert page.html.select("#options-odd option")[0].get_text() == HOSTILE

    after = surfer.submit(page, "#settings", **{"options.odd": "B"})
    assert after.html.select("#notices script, #notices img") == []
    assert "<script>" in after.notices[0]


def test_a_notice_of_many_long_changes_stays_short(surfer: Surfer) -> None:
    """Notices are kept in a cookie, so long values are cut and the rest is counted."""
    changes = {
        "options.code": "B2",
        "options.remark": "R" * 1500,
        "options.flag": [],
        "options.limit": "12",
        "options.colour": "BLUE",
        "options.start": "2026-10-01T12:30",
        "options.names": "Mia",
        "options.odd": "B",
    }

    page = surfer.submit(surfer.open(PAGE), "#settings", **changes)

    (first, *_, last_but_one, last) = page.words("#notices li")
    assert (first, last_but_one) == ("Code: B2 (was A1)", "And 2 more.")
    assert "reads everything again" in last
    assert f"{'R' * 39}… (was Empty)" in page.notices[0]
    assert "R" * 40 not in page.notices[0]
