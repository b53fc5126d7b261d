import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from textwrap import dedent

import pytest

from scripted_modules import module, plugin, provider, step
from syncline_sdk import (
    Census,
    Direction,
    Item,
    ItemCreator,
    Option,
    OptionKind,
    OwnedField,
    Plugin,
    RecordKind,
    Setting,
    Toggle,
)
from syncline_server.core.catalogue import Catalogue
from syncline_server.registry import PluginRefused, Source, catalogue, load

Install = Callable[[str, str], None]


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    """Install distributions into a folder on the path: a name and the code of its one module."""
    before = set(sys.modules)
    sys.path.insert(0, str(tmp_path))

    def installed(name: str, code: str) -> None:
        (tmp_path / f"{name}.py").write_text(dedent(code))
        facts = tmp_path / f"{name}-1.0.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (facts / "entry_points.txt").write_text(f"[syncline]\n{name}_point = {name}\n")

    yield installed
    sys.path.remove(str(tmp_path))
    for name in sys.modules.keys() - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


def gathered(**plugins: Plugin) -> Catalogue:
    """Return the catalogue of plugins by distribution."""
    return catalogue(Source(name.replace("_", "-"), each) for name, each in plugins.items())


BOOKS = plugin(module("contacts"), providers=[provider()])

CODE = Option(name="code", title="Code", kind=OptionKind.TEXT)

CODE_FIELD = Setting(
    name="code_field", title="Code", kind=OptionKind.CHOICE, choices=("FIRST", "NONE")
)
CODE_UNLESS = OwnedField(name="code", setting="code_field", unless="NEVER")

CREATOR = ItemCreator(create=lambda _, draft: Item("1", draft.code, ""), find=lambda *_: None)

STRANGER = """
    from datetime import timedelta
    from syncline_sdk import Direction, ModuleSpec, Plugin, RecordKind, Toggle, hookimpl

    @hookimpl
    def syncline_plugin():
        return Plugin(modules=(ModuleSpec(
            provider="xero", name="payments", title="Payments", direction=Direction.PULL,
            kind=RecordKind.INVOICE, toggle=Toggle(name="payments", title="Sync Payments"),
            cooldown=timedelta(seconds=30), run=print, requires=("invoice_pull",),
        ),))
"""


def test_first_party_plugin_comes_through_the_same_door() -> None:
    """The installed Xero plugin is found by its entry point, in the order of its chain."""
    assert list(load().providers["xero"].nodes) == [
        "tax_rates",
        "tax_mapping",
        "contacts",
        "items",
        "invoice_push",
        "invoice_pull",
    ]


def test_stranger_extends_an_installed_provider(install: Install) -> None:
    """A third party's distribution adds a module to another's chain."""
    install("stranger", STRANGER)

    xero = load().providers["xero"]

    assert list(xero.nodes)[-1] == "payments"
    assert xero.modules["payments"].cooldown == timedelta(seconds=30)
    assert xero.graph.needed_by(["payments"]) >= {"invoice_pull", "contacts", "tax_rates"}


def test_leaving_out_what_is_not_installed_is_a_mistake() -> None:
    """A misspelt name in the list does not go unnoticed; what is installed is named."""
    with pytest.raises(PluginRefused, match=r"zero is not installed; installed are .*xero"):
        load(["zero"])


def test_disabled_plugin_is_left_out_unseen(install: Install) -> None:
    """A plugin that is left out is not even imported."""
    install("broken", "raise RuntimeError('must not be imported')")

    assert "xero" in load(["broken_point"]).providers
    assert load(["broken_point", "xero"]).providers == {}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        pytest.param("import nowhere_to_be_found", "No module named", id="import-error"),
        pytest.param("raise RuntimeError('half written')", "half written", id="raises"),
        pytest.param("x = 1", "must implement syncline_plugin", id="no-hook"),
        pytest.param(
            """
            from syncline_sdk import hookimpl
            @hookimpl
            def syncline_plugin():
                return {"modules": []}
            """,
            "return a Plugin",
            id="wrong-return",
        ),
        pytest.param(
            """
            from syncline_sdk import hookimpl
            @hookimpl
            def syncline_plugin():
                return None
            """,
            "return a Plugin",
            id="returns-nothing",
        ),
        pytest.param(
            """
            from syncline_sdk import hookimpl
            @hookimpl
            def syncline_plugin():
                raise KeyError("no such thing")
            """,
            "no such thing",
            id="hook-raises",
        ),
        pytest.param(
            """
            from syncline_sdk import hookimpl
            @hookimpl
            def syncline_plug():
                return None
            """,
            "syncline_plug",
            id="unknown-hook",
        ),
        pytest.param(
            """
            from syncline_sdk import Plugin, hookimpl
            @hookimpl
            def syncline_plugin():
                return Plugin(modules=("contacts",))
            """,
            "modules holds a str, not a ModuleSpec",
            id="wrong-content",
        ),
    ],
)
def test_broken_plugin_is_refused_by_name_with_the_reason(
    install: Install, code: str, reason: str
) -> None:
    """A plugin that cannot be used is named with its distribution and what is wrong."""
    install("broken", code)

    with pytest.raises(PluginRefused, match=r"^broken: ") as refused:
        load()

    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        pytest.param(
            plugin(providers=[provider()]), ["other", "books is already", "ours"], id="provider"
        ),
        pytest.param(
            plugin(module("contacts")), ["other", "books/contacts is already", "ours"], id="module"
        ),
        pytest.param(
            plugin(step("contacts")), ["other", "books/contacts is already", "ours"], id="step"
        ),
        pytest.param(
            plugin(replace(module("items"), toggle=Toggle(name="contacts", title="Other"))),
            ["other", "toggle contacts of items differs", "ours"],
            id="toggle",
        ),
        pytest.param(
            plugin(module("items", requires=["nowhere"])),
            ["other: items depends on nowhere"],
            id="dangling",
        ),
        pytest.param(
            plugin(module("items", of="ledger")),
            ["other: items belongs to provider ledger", "not installed"],
            id="stray",
        ),
        pytest.param(
            plugin(module("items", after=["tax"]), step("tax", requires=["items"])),
            ["other: a circle: ", "items → ", "tax → "],
            id="circle",
        ),
        pytest.param(plugin(module("Items")), ["other", "node name 'Items'"], id="node-name"),
        pytest.param(
            plugin(module("items", toggle="All-Items")),
            ["other", "toggle name 'All-Items'"],
            id="toggle-name",
        ),
        pytest.param(
            plugin(module("items", settings=[Setting(name="a b", title="", kind=OptionKind.TEXT)])),
            ["other", "option name 'a b'"],
            id="setting-name",
        ),
        pytest.param(
            plugin(module("items", cooldown=timedelta(seconds=-1))),
            ["other", "items has a negative cooldown"],
            id="cooldown",
        ),
        pytest.param(
            plugin(module("items", options=[CODE, CODE])),
            ["other", "items declares code twice"],
            id="option-twice",
        ),
        pytest.param(
            plugin(
                module(
                    "items",
                    options=[replace(CODE, choices=("A", "B"), choice_titles=("Only one",))],
                )
            ),
            ["other", "items", "code", "as many titles as choices"],
            id="choice-titles",
        ),
        pytest.param(
            plugin(replace(module("items"), kind=RecordKind.INVOICE, creates=CREATOR)),
            ["other", "items cannot create"],
            id="creator",
        ),
        pytest.param(
            plugin(replace(module("items"), direction=Direction.PUSH, takes_targets=True)),
            ["other", "items cannot take targets"],
            id="targets",
        ),
        pytest.param(
            plugin(replace(module("items"), direction=Direction.PUSH, census=lambda _: Census())),
            ["other", "items cannot be compared"],
            id="census",
        ),
        pytest.param(
            plugin(replace(module("items"), owned=(OwnedField(name="notes"),))),
            ["other", "items cannot own 'notes'", "name, code, email, active, phone, address"],
            id="owned-unknown",
        ),
        pytest.param(
            plugin(replace(module("items"), owned=(OwnedField(name="code"),) * 2)),
            ["other", "items cannot own 'code'", "each once"],
            id="owned-twice",
        ),
        pytest.param(
            plugin(
                replace(module("items"), direction=Direction.PUSH, owned=(OwnedField(name="code"),))
            ),
            ["other", "items cannot own 'code'", "nothing"],
            id="owned-by-push",
        ),
        pytest.param(
            plugin(replace(module("items", settings=[CODE_FIELD]), owned=(CODE_UNLESS,))),
            ["other", "items owns code unless code_field is 'NEVER'"],
            id="owned-condition",
        ),
        pytest.param(
            plugin(replace(module("items"), owned=(replace(CODE_UNLESS, unless="NONE"),))),
            ["other", "items owns code unless code_field is 'NONE'"],
            id="owned-setting",
        ),
        pytest.param(
            plugin(replace(step("review"), settles=RecordKind.INVOICE)),
            ["other", "review settles INVOICE", "TAX_RATE"],
            id="step-kind",
        ),
        pytest.param(
            plugin(providers=[provider("Ledger")]),
            ["other", "provider name 'Ledger'"],
            id="provider-name",
        ),
        pytest.param(
            plugin(providers=[provider("console")]),
            ["other", "provider name 'console'", "SYNCLINE_CONSOLE_"],
            id="the-console",
        ),
        pytest.param(
            plugin(providers=[provider("console_books")]),
            ["other", "provider name 'console_books'", "SYNCLINE_CONSOLE_"],
            id="of-the-console",
        ),
    ],
)
def test_plugin_that_does_not_fit_is_refused(other: Plugin, words: list[str]) -> None:
    """Whoever clashes with what is there is named, with the other side of the clash."""
    with pytest.raises(PluginRefused) as refused:
        gathered(ours=BOOKS, other=other)

    assert all(word in str(refused.value) for word in words)


def test_name_that_only_begins_alike_is_no_name_of_the_consoles() -> None:
    """Variables of a provider called consoles are told apart from the console's."""
    assert "consoles" in gathered(ours=plugin(providers=[provider("consoles")])).providers


def test_setting_may_be_shared_only_when_declared_alike() -> None:
    """Two modules may declare one setting, if they declare it the same way."""
    setting = Setting(name="account", title="Account", kind=OptionKind.TEXT)
    ours = plugin(module("push", settings=[setting]), providers=[provider()])

    alike = gathered(ours=ours, other=plugin(module("pull", settings=[setting])))
    assert list(alike.providers["books"].settings) == ["account"]

    unlike = plugin(module("pull", settings=[replace(setting, max_length=1)]))
    with pytest.raises(PluginRefused, match="setting account of pull differs"):
        gathered(ours=ours, other=unlike)


def test_field_may_depend_on_a_choice_of_its_module() -> None:
    """A module may leave a field to us for a choice, or where a box is not ticked."""
    box = Setting(name="with_phone", title="Phone", kind=OptionKind.BOOLEAN, default=False)
    owned = (
        replace(CODE_UNLESS, unless="NONE"),
        OwnedField(name="phone", setting="with_phone", unless=False),
    )
    contacts = replace(module("contacts", settings=[CODE_FIELD, box]), owned=owned)

    loaded = gathered(ours=plugin(contacts, providers=[provider()])).providers["books"]

    assert loaded.modules["contacts"].owned == owned


def test_circle_through_two_distributions_names_both() -> None:
    """Where two plugins wait for each other, neither is blamed alone."""
    ours = plugin(module("a", after=["b"]), providers=[provider()])

    with pytest.raises(PluginRefused, match=r"^other, ours: a circle: "):
        gathered(ours=ours, other=plugin(module("b", after=["a"])))


def test_no_plugin_is_an_empty_catalogue() -> None:
    """A server without plugins has no providers, and starts."""
    assert gathered().providers == {}


@pytest.mark.parametrize(
    "host", ["*.books.example", "10.0.0.1", "Files.books.example", "localhost"]
)
def test_hosts_that_are_none_are_refused(host: str) -> None:
    """Nothing a plugin declares opens the fence to a range, an address or this machine."""
    with pytest.raises(
        PluginRefused, match=r"loose: books: host .* must be a lower-case host name"
    ):
        gathered(loose=plugin(providers=[replace(provider(), hosts=(host,))]))


def test_provider_without_tls_is_refused() -> None:
    """A plugin cannot have a token sent in the clear."""
    addresses = replace(provider().addresses, api="http://books.example/api/")

    with pytest.raises(PluginRefused, match="loose: books: address 'api' must be https://"):
        gathered(loose=plugin(providers=[replace(provider(), addresses=addresses)]))
