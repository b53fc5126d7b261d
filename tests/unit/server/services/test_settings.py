from datetime import timedelta

import pytest

from bench import Bench
from scripted_modules import installed, module, step
from syncline_sdk import OptionKind, Setting
from syncline_server.core.errors import Aborted, FailedPrecondition, InvalidArgument, NotFound
from syncline_server.core.names import Connection
from syncline_server.core.notices import ConnectionChanged
from syncline_server.services.settings import SettingsChange
from syncline_server.storage.database import Database

PHONE = Setting(
    name="phone",
    title="Phone",
    kind=OptionKind.CHOICE,
    default="WORK",
    choices=("WORK", "MOBILE"),
    full_read_on_change=True,
)
ACCOUNT = Setting(name="account", title="Account", kind=OptionKind.TEXT, default="200")


@pytest.fixture
def bench(database: Database) -> Bench:
    """A connected workspace: rates, mapping, contacts with settings, invoices."""
    bench = Bench(
        database,
        installed(
            module("rates"),
            step("mapping", requires=["rates"]),
            module("contacts", settings=[PHONE]),
            module("push", requires=["mapping", "contacts"], toggle="invoices", settings=[ACCOUNT]),
            module("pull", requires=["mapping", "contacts"], toggle="invoices"),
        ),
    )
    bench.connect()
    return bench


def change(bench: Bench, **parts: object) -> object:
    """Change settings; ``parts`` are those of a SettingsChange."""
    return bench.settings.update(
        bench.connection,
        SettingsChange(**parts),  # type: ignore[arg-type]  # built by name
    )


def test_everything_is_off_and_at_its_default_at_first(bench: Bench) -> None:
    """A workspace that never chose anything sees every toggle and setting all the same."""
    view = bench.settings.get(bench.connection)

    assert view.toggles == {"rates": False, "contacts": False, "invoices": False}
    assert view.options == {"phone": "WORK", "account": "200"}
    assert view.intervals == {}


def test_change_is_stored_and_told(bench: Bench) -> None:
    """What was accepted is there for the next reader, with what was also turned on."""
    outcome = bench.settings.update(
        bench.connection,
        SettingsChange(
            toggles={"invoices": True},
            options={"account": "400"},
            intervals={"contacts": timedelta(minutes=5)},
        ),
    )

    assert outcome.also_enabled == ("rates", "contacts")
    assert outcome.settings == bench.settings.get(bench.connection)
    assert set(outcome.settings.toggles.values()) == {True}
    assert outcome.settings.options == {"phone": "WORK", "account": "400"}
    assert outcome.settings.intervals == {"contacts": timedelta(minutes=5)}
    assert outcome.settings.update_time == bench.clock()
    assert bench.notices == [ConnectionChanged(bench.connection)]


def test_locked_toggle_refuses_the_whole_change(bench: Bench) -> None:
    """Nothing of a change is kept when one of its toggles is locked."""
    bench.switch(invoices=True)
    before = bench.everything()

    with pytest.raises(FailedPrecondition):
        change(bench, toggles={"contacts": False}, options={"account": "400"})

    assert bench.everything() == before


def test_every_mistake_is_told_at_once(bench: Bench) -> None:
    """Unknown names and values of all three kinds are violations of one refusal."""
    before = bench.everything()

    with pytest.raises(InvalidArgument) as refused:
        change(
            bench,
            toggles={"invoises": True},
            options={"phone": "FAX", "colour": "red"},
            intervals={"contact": timedelta(minutes=5), "rates": timedelta(seconds=59)},
        )

    assert sorted(each.field for each in refused.value.violations) == [
        "settings.automatic_intervals.contact",
        "settings.automatic_intervals.rates",
        "settings.options.colour",
        "settings.options.phone",
        "settings.toggles.invoises",
    ]
    assert bench.everything() == before


@pytest.mark.parametrize(
    ("interval", "fits"),
    [
        (timedelta(), True),
        (timedelta(seconds=59), False),
        (timedelta(minutes=1), True),
        (timedelta(days=30), True),
        (timedelta(days=30, seconds=1), False),
        (timedelta(seconds=-60), False),
    ],
)
def test_interval_is_off_or_within_limits(bench: Bench, interval: timedelta, *, fits: bool) -> None:
    """An interval is zero, or one minute to thirty days."""
    if fits:
        change(bench, intervals={"rates": interval})
        kept = {"rates": interval} if interval else {}
        assert bench.settings.get(bench.connection).intervals == kept
    else:
        with pytest.raises(InvalidArgument):
            change(bench, intervals={"rates": interval})


def test_none_puts_a_setting_back_to_its_default(bench: Bench) -> None:
    """A setting that was chosen can be forgotten, and counts as changed."""
    change(bench, options={"phone": "MOBILE"})

    outcome = bench.settings.update(bench.connection, SettingsChange(options={"phone": None}))

    assert outcome.settings.options["phone"] == "WORK"
    assert outcome.full_read_modules == ("contacts",)


def test_etag_of_an_older_version_is_stale(bench: Bench) -> None:
    """Of two editors who read the same version the second is refused; nothing of hers is kept."""
    first = bench.settings.get(bench.connection).etag
    change(bench, toggles={"rates": True}, etag=first)
    before = bench.everything()

    with pytest.raises(Aborted):
        change(bench, toggles={"contacts": True}, etag=first)

    assert bench.everything() == before
    change(bench, toggles={"contacts": True}, etag=bench.settings.get(bench.connection).etag)


def test_provider_that_is_not_installed_is_not_found(bench: Bench) -> None:
    """Settings of a provider nobody installed are not there."""
    with pytest.raises(NotFound):
        bench.settings.get(Connection("acme", "ledger"))


def test_choice_that_steers_reading_asks_for_a_full_read(bench: Bench) -> None:
    """Changing such a setting names the module, and its next run reads everything."""
    bench.switch(contacts=True)
    bench.complete("contacts")

    same = bench.settings.update(bench.connection, SettingsChange(options={"phone": "WORK"}))
    other = bench.settings.update(bench.connection, SettingsChange(options={"phone": "MOBILE"}))
    plain = bench.settings.update(bench.connection, SettingsChange(options={"account": "1"}))

    assert same.full_read_modules == plain.full_read_modules == ()
    assert other.full_read_modules == ("contacts",)
    assert bench.state("contacts").full_read_asked_time == bench.clock()
    assert bench.state("contacts").complete_time is not None


def test_module_turned_on_again_reads_everything(bench: Bench) -> None:
    """What was edited here while nobody owned it is taken back: the next run is a full one."""
    first = bench.switch(contacts=True)
    bench.complete("contacts")
    off = bench.switch(contacts=False)

    again = bench.switch(contacts=True)

    assert first.full_read_modules == off.full_read_modules == ()
    assert again.full_read_modules == ("contacts",)
    assert bench.state("contacts").full_read_asked_time == bench.clock()


def test_full_read_is_asked_for_in_organisations_of_before(bench: Bench) -> None:
    """An organisation that comes back is read anew if a choice changed meanwhile."""
    bench.switch(contacts=True)
    bench.complete("contacts")
    bench.connect("rata")

    change(bench, options={"phone": "MOBILE"})

    bench.connect("kauri")
    assert bench.state("contacts").full_read_asked_time == bench.clock()
