"""What a simulator is started with."""

from dataclasses import dataclass, field
from enum import StrEnum

from syncline_xero_simulator.minting import derived_id
from syncline_xero_simulator.switches import Switches


class Country(StrEnum):
    """A country whose tax rates the simulator knows."""

    AU = "AU"
    NZ = "NZ"
    UK = "GB"
    US = "US"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppRegistration:
    """The one app that is registered with this Xero."""

    client_id: str = "syncline-local"
    client_secret: str = field(default="syncline-local-secret", repr=False)
    name: str = "Syncline"
    redirect_uris: tuple[str, ...] = ("http://localhost:8080/oauth/callback",)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person who can sign in to this Xero."""

    email: str
    given_name: str
    family_name: str

    @property
    def user_id(self) -> str:
        """The person's GUID, `xero_userid` in tokens."""
        return derived_id("user", self.email)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationSpec:
    """What an organisation is seeded with; counts of records."""

    name: str
    country: Country = Country.NZ
    contacts: int = 200
    items: int = 80
    invoices: int = 0
    demo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowances:
    """How many calls are allowed; Xero's published numbers."""

    concurrent: int = 5
    minute: int = 60
    day: int = 5000
    app_minute: int = 10_000


DEMO_ORGANISATIONS = (
    OrganisationSpec(name="Harbour Goods Ltd", country=Country.NZ),
    OrganisationSpec(name="Southern Cross Supplies Pty Ltd", country=Country.AU),
)
"""The organisations of a simulator that was told nothing else."""

DEMO_USERS = (
    User(email="mia@harbour.example", given_name="Mia", family_name="Tane"),
    User(email="jack@southerncross.example", given_name="Jack", family_name="Wilson"),
)
"""The people of a simulator that was told nothing else; both belong to every organisation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorConfig:
    """Everything that shapes a simulator before its first request.

    `public_url` is the issuer and the base of links; it has no trailing slash. `seed` decides the
    demo data.
    """

    public_url: str = "http://127.0.0.1:8091"
    seed: int = 7
    app: AppRegistration = AppRegistration()
    users: tuple[User, ...] = DEMO_USERS
    organisations: tuple[OrganisationSpec, ...] = DEMO_ORGANISATIONS
    allowances: Allowances = Allowances()
    switches: Switches = field(default_factory=Switches)


def parse_organisation(text: str) -> OrganisationSpec:
    """Read `NAME[:COUNTRY][:contacts=N][:items=N][:invoices=N][:demo]`.

    Raises `ValueError` that names the part it cannot read.
    """
    name, *parts = text.strip().split(":")
    if not name.strip():
        raise ValueError(f"an organisation needs a name: {text!r}")
    chosen: dict[str, object] = {"name": name.strip()}
    for part in parts:
        chosen.update(_organisation_part(part.strip()))
    return OrganisationSpec(**chosen)  # type: ignore[arg-type]


def _organisation_part(part: str) -> dict[str, object]:
    key, has_value, value = part.partition("=")
    if part == "demo":
        return {"demo": True}
    if has_value and key in ("contacts", "items", "invoices") and value.isdigit():
        return {key: int(value)}
    if not has_value and part.upper() in ("UK", *Country):
        return {"country": Country.UK if part.upper() == "UK" else Country(part.upper())}
    raise ValueError(
        f"cannot read {part!r}: expected a country ({', '.join(Country)}), "
        "contacts=N, items=N, invoices=N or demo"
    )
