"""Which endpoints exist, what they need and who answers them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from syncline_xero_simulator.accounting import contacts, invoices, items, settings
from syncline_xero_simulator.accounting.call import Call
from syncline_xero_simulator.wire.envelope import Listing

Handler = Callable[[Call, str], Listing | None]
"""Takes the call and the key after the endpoint's name; None answers 204."""

_SETTINGS = ("accounting.settings",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One endpoint: `scopes`, of which one is needed, and handlers by method.

    Reading needs the `.read` form of a scope or the scope itself.
    """

    scopes: tuple[str, ...]
    many: Mapping[str, Handler]
    one: Mapping[str, Handler] = field(default_factory=dict)

    def handler(self, method: str, key: str) -> Handler | None:
        """Return who answers, or None if the method does not exist here."""
        return (self.one if key else self.many).get(method)

    def needed_scopes(self, method: str) -> tuple[str, ...]:
        """Return the scopes of which one is needed."""
        reading = method in ("GET", "HEAD")
        return tuple(f"{scope}.read" if reading else scope for scope in self.scopes)


def endpoints() -> Mapping[str, Endpoint]:
    """Return all endpoints by lower-case name."""
    return {
        "contacts": Endpoint(
            scopes=("accounting.contacts",),
            many={
                "GET": contacts.list_contacts,
                "PUT": contacts.write_contacts,
                "POST": contacts.write_contacts,
            },
            one={"GET": contacts.get_contact, "POST": contacts.write_one_contact},
        ),
        "items": Endpoint(
            scopes=("accounting.settings", "accounting.invoices"),
            many={
                "GET": items.list_items,
                "PUT": items.write_items,
                "POST": items.write_items,
            },
            one={
                "GET": items.get_item,
                "POST": items.write_one_item,
                "DELETE": items.delete_one_item,
            },
        ),
        "invoices": Endpoint(
            scopes=("accounting.invoices",),
            many={
                "GET": invoices.list_invoices,
                "PUT": invoices.write_invoices,
                "POST": invoices.write_invoices,
            },
            one={"GET": invoices.get_invoice, "POST": invoices.write_one_invoice},
        ),
        "payments": Endpoint(
            scopes=("accounting.payments",),
            many={"GET": settings.list_payments},
            one={"GET": settings.get_payment},
        ),
        **_settings_endpoints(),
    }


def _settings_endpoints() -> Mapping[str, Endpoint]:
    return {
        "taxrates": Endpoint(
            scopes=_SETTINGS,
            many={
                "GET": settings.list_tax_rates,
                "PUT": settings.write_tax_rates,
                "POST": settings.write_tax_rates,
            },
            one={"GET": settings.get_tax_rate},
        ),
        "accounts": Endpoint(
            scopes=_SETTINGS,
            many={"GET": settings.list_accounts},
            one={"GET": settings.get_account},
        ),
        "currencies": Endpoint(scopes=_SETTINGS, many={"GET": settings.list_currencies}),
        "brandingthemes": Endpoint(scopes=_SETTINGS, many={"GET": settings.list_themes}),
        "organisation": Endpoint(
            scopes=_SETTINGS,
            many={"GET": settings.get_organisation},
            one={"GET": settings.get_actions},
        ),
    }
