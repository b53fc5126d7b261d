from datetime import timedelta
from importlib.metadata import entry_points

from syncline_sdk import Direction, OptionKind
from syncline_xero import syncline_plugin

PLUGIN = syncline_plugin()
MODULES = {spec.name: spec for spec in PLUGIN.modules}


def test_the_plugin_enters_by_the_same_door_as_anybodys() -> None:
    """Its entry point names the package that implements the hook."""
    (entry,) = entry_points(group="syncline", name="xero")

    assert entry.load().syncline_plugin is syncline_plugin


def test_the_chain_is_the_products() -> None:
    """Requirements, order and cooldowns are those the product promises."""
    assert {
        name: (set(spec.requires), set(spec.after), spec.cooldown // timedelta(seconds=1))
        for name, spec in MODULES.items()
    } == {
        "tax_rates": (set(), set(), 60),
        "contacts": (set(), {"tax_mapping"}, 60),
        "items": ({"tax_mapping"}, set(), 60),
        "invoice_push": ({"contacts", "items", "tax_mapping"}, set(), 5),
        "invoice_pull": ({"contacts", "items", "tax_mapping"}, set(), 10),
    }
    assert [(s.name, s.requires) for s in PLUGIN.steps] == [("tax_mapping", ("tax_rates",))]


def test_four_toggles_govern_five_modules() -> None:
    """Push and pull are switched together."""
    assert {name: (spec.toggle.name, spec.toggle.title) for name, spec in MODULES.items()} == {
        "tax_rates": ("tax_rates", "Sync Tax Rates"),
        "contacts": ("contacts", "Sync Contacts"),
        "items": ("items", "Sync Items"),
        "invoice_push": ("invoices", "Sync Invoices"),
        "invoice_pull": ("invoices", "Sync Invoices"),
    }


def test_only_the_push_writes() -> None:
    """Every other module pulls."""
    pushes = [name for name, spec in MODULES.items() if spec.direction is Direction.PUSH]

    assert pushes == ["invoice_push"]


def test_settings_have_the_products_defaults() -> None:
    """Defaults, and which of them make the next run read everything."""
    assert {
        setting.name: (setting.default, setting.full_read_on_change)
        for spec in PLUGIN.modules
        for setting in spec.settings
    } == {
        "phone_field": ("DEFAULT", True),
        "address_field": ("BILLING", True),
        "base_price_sync": (False, True),
        "default_sales_account_code": ("200", False),
        "freight_account_code": ("", False),
    }


def test_choices_read_as_people_say_them() -> None:
    """Each choice has a title, and each setting says what it decides."""
    settings = {each.name: each for module in MODULES.values() for each in module.settings}

    assert settings["phone_field"].choice_titles == (
        "Default",
        "Direct dial",
        "Fax",
        "Mobile",
        "Do not sync",
    )
    assert settings["address_field"].choice_titles == (
        "Billing address",
        "Delivery address",
        "Do not sync",
    )
    assert all(each.description for each in settings.values())


def test_triggers_may_name_up_to_fifty_invoices() -> None:
    """Push and pull declare the option alike."""
    push, pull = MODULES["invoice_push"].options, MODULES["invoice_pull"].options

    assert push[0] == pull[2]
    assert (push[0].kind, push[0].max_length) == (OptionKind.TEXT_LIST, 50)
    assert [option.name for option in pull] == ["window", "since", "invoices"]
    assert pull[0].choices == ("SINCE_LAST", "SINCE_TIME", "ALL_LINKED")


def test_only_contacts_and_items_own_fields() -> None:
    """Tax codes and invoices are ours alone."""
    assert [name for name, spec in MODULES.items() if spec.owned] == ["contacts", "items"]
