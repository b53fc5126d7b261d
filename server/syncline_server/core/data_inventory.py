"""What every table of the database holds, whose it is, and how long it stays.

Export, erasure and retention keep to it, tests hold it against the schema, and ``docs/data.md``
shows it. A table that is not here fails the tests.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Owner(StrEnum):
    """Whose rows a table holds, and how they are found."""

    WORKSPACE = "workspace"  # by its column ``workspace``
    RUN = "workspace, by run"  # by its column ``run_id``
    ORGANISATION = "organisation"  # by its columns ``provider`` and ``organisation_id``
    PERSON = "person at the provider"
    OPERATOR = "operator"
    SERVER = "server"


@dataclass(frozen=True, kw_only=True)
class Holding:
    """One table."""

    table: str
    holds: str
    owner: Owner
    personal: str = "none"
    """Which data about people is in it."""
    exported: str = ""
    """The file of an export that shows it; empty for none."""
    not_exported: str = ""
    """Why it is in no export."""
    kept: str = ""
    """Why it outlives its workspace's erasure; empty where it is deleted."""
    bound: str
    """What ends a row's life, beside an erasure."""


_WHILE_THERE: Final = "none: as long as the workspace"
_ONE_EACH: Final = "one row each, overwritten"
_INTERNAL: Final = "means something to this server only"
_BY_ITSELF: Final = "handed out by `audit export`, so that it can be verified"

_RECORDS: Final = (
    Holding(
        table="customers",
        holds="customers, and who set which field",
        owner=Owner.WORKSPACE,
        personal="name, e-mail, phone, address, contact person, notes",
        exported="customers",
        bound=_WHILE_THERE,
    ),
    Holding(
        table="products",
        holds="products, and who set which field",
        owner=Owner.WORKSPACE,
        exported="products",
        bound=_WHILE_THERE,
    ),
    Holding(
        table="tax_codes",
        holds="tax codes",
        owner=Owner.WORKSPACE,
        exported="tax_codes",
        bound=_WHILE_THERE,
    ),
    Holding(
        table="invoices",
        holds="invoices with lines and totals",
        owner=Owner.WORKSPACE,
        personal="whom something was sold to, what is written in lines and references",
        exported="invoices",
        bound=_WHILE_THERE,
    ),
    Holding(
        table="imported",
        holds="what was imported last, as hashes",
        owner=Owner.WORKSPACE,
        not_exported=_INTERNAL,
        bound=_WHILE_THERE,
    ),
)
_MAPPINGS: Final = (
    Holding(
        table="contacts",
        holds="the provider's contacts, and the customers they are mapped to",
        owner=Owner.WORKSPACE,
        personal="name, e-mail, code",
        exported="contact_mappings",
        bound=_WHILE_THERE,
    ),
    Holding(
        table="items",
        holds="the provider's items, and the products they are mapped to",
        owner=Owner.WORKSPACE,
        exported="item_mappings",
        bound=_WHILE_THERE,
    ),
    Holding(
        table="tax_rates",
        holds="the provider's tax types, and the tax codes they are mapped to",
        owner=Owner.WORKSPACE,
        exported="tax_mappings",
        bound=_WHILE_THERE,
    ),
    Holding(
        table="invoice_links",
        holds="pushed invoices: what was sent, and how they stand at the provider",
        owner=Owner.WORKSPACE,
        personal="as invoices",
        exported="invoice_links",
        bound="none: it keeps an invoice from being pushed twice",
    ),
    Holding(
        table="creations",
        holds="customers and products on their way to the provider",
        owner=Owner.WORKSPACE,
        personal="as customers",
        not_exported="a copy of what becomes a customer or product",
        bound="a day after its end; what is under way keeps a record from being made twice",
    ),
)
_CONNECTIONS: Final = (
    Holding(
        table="connections",
        holds="connections and the organisations they point to",
        owner=Owner.WORKSPACE,
        exported="connections",
        bound=_ONE_EACH,
    ),
    Holding(
        table="settings",
        holds="toggles, options and intervals",
        owner=Owner.WORKSPACE,
        exported="settings",
        bound=_ONE_EACH,
    ),
    Holding(
        table="module_states",
        holds="how far each module has read",
        owner=Owner.WORKSPACE,
        exported="modules",
        bound=_ONE_EACH,
    ),
    Holding(
        table="parity_checks",
        holds="what the last comparison with the provider found",
        owner=Owner.WORKSPACE,
        personal="names and values of records that differ",
        exported="modules",
        bound=_ONE_EACH,
    ),
    Holding(
        table="cooldowns",
        holds="until when a module may not be triggered again",
        owner=Owner.WORKSPACE,
        exported="modules",
        bound=_ONE_EACH,
    ),
    Holding(
        table="consents",
        holds="hashes of OAuth states and of browsers' secrets, sealed verifiers, who started",
        owner=Owner.WORKSPACE,
        personal="the caller's id",
        not_exported="secret",
        bound="a day after ten minutes",
    ),
    Holding(
        table="grants",
        holds="encrypted tokens of a person's consent, shared by all that person connected",
        owner=Owner.PERSON,
        personal="the person's id at the provider",
        not_exported="secret",
        kept="other workspaces may live on it; an erasure needs every connection disconnected",
        bound="deleted with the last connection that lives on it",
    ),
    Holding(
        table="budgets",
        holds="how many calls an organisation still allows",
        owner=Owner.WORKSPACE,
        not_exported=_INTERNAL,
        bound=_ONE_EACH,
    ),
    Holding(
        table="traffic",
        holds="bytes read from an organisation in a month",
        owner=Owner.ORGANISATION,
        not_exported=_INTERNAL,
        bound="one row a month",
    ),
)
_WORK: Final = (
    Holding(
        table="runs",
        holds="runs, their counts, outcome and who asked, by title",
        owner=Owner.WORKSPACE,
        personal="the title of who asked; for a service, also the name of the person it named",
        exported="runs",
        bound="`SYNCLINE_RUN_HISTORY_SECONDS`; what others rely on stays",
    ),
    Holding(
        table="run_issues",
        holds="records a run could not process",
        owner=Owner.RUN,
        personal="names of records",
        exported="run_issues",
        bound="with its run, which stays while one is open",
    ),
    Holding(
        table="run_pages",
        holds="ids a full read has seen",
        owner=Owner.RUN,
        not_exported=_INTERNAL,
        bound="with the end of its run",
    ),
    Holding(
        table="webhook_events",
        holds="ids of records a provider told to have changed",
        owner=Owner.WORKSPACE,
        not_exported="ids only, read and done with by runs",
        bound="`SYNCLINE_WEBHOOK_HISTORY_SECONDS`",
    ),
    Holding(
        table="changes",
        holds="ids of what changed, in order",
        owner=Owner.WORKSPACE,
        exported="changes",
        bound="`SYNCLINE_CHANGE_HISTORY_SECONDS`",
    ),
    Holding(
        table="change_heads",
        holds="the number of the newest change",
        owner=Owner.WORKSPACE,
        not_exported=_INTERNAL,
        kept="so that no resume token from before fits a workspace of the same id; a number only",
        bound=_ONE_EACH,
    ),
)
_SERVER: Final = (
    Holding(
        table="access_tokens",
        holds="hashes, roles and workspaces of access tokens, names of client certificates",
        owner=Owner.OPERATOR,
        personal="what the operator wrote into the title; a certificate's name",
        not_exported="secret",
        kept="one for the workspace alone is revoked, another reaches it no more",
        bound="none: runs name them, and callers are asked for tokens because there are some",
    ),
    Holding(
        table="erasures",
        holds="receipts of erasures: the workspace's id, who asked, times, counts, last entry",
        owner=Owner.OPERATOR,
        personal="the caller's id",
        not_exported="not there before the erasure",
        kept="it is the proof",
        bound="none",
    ),
    Holding(
        table="audit_entries",
        holds="who did what, in a chain for each workspace and one for what belongs to none",
        owner=Owner.OPERATOR,
        personal="ids and names of callers and of whom they call for, addresses",
        not_exported=_BY_ITSELF,
        kept=(
            "it proves to operators who did what, and is not shown to who uses the id again;"
            " names and ids only, nothing of what records say"
        ),
        bound="`SYNCLINE_AUDIT_HISTORY_SECONDS`",
    ),
    Holding(
        table="audit_chains",
        holds="how far each chain reaches, and its hash",
        owner=Owner.OPERATOR,
        not_exported=_BY_ITSELF,
        kept="a number and a hash only",
        bound=_ONE_EACH,
    ),
    Holding(
        table="audit_checkpoints",
        holds="up to where entries were removed, and why",
        owner=Owner.OPERATOR,
        not_exported=_BY_ITSELF,
        kept="what is left is verified from there",
        bound="none: one row a removal",
    ),
    Holding(
        table="schema_migration",
        holds="which migrations were applied",
        owner=Owner.SERVER,
        not_exported=_INTERNAL,
        kept="no workspace's",
        bound="one row a migration",
    ),
)
_JOBS: Final = tuple(
    Holding(
        table=f"procrastinate_{name}",
        holds=holds,
        owner=Owner.SERVER,
        not_exported=_INTERNAL,
        kept="a run's id at most",
        bound=bound,
    )
    for name, holds, bound in (
        ("jobs", "which run is to be executed (PostgreSQL)", "deleted when carried out"),
        ("events", "what became of a job", "with its job"),
        ("periodic_defers", "nothing: it is not used", "none"),
        ("workers", "signs of life of processes", "some minutes of silence"),
    )
)
INVENTORY: Final = (*_RECORDS, *_MAPPINGS, *_CONNECTIONS, *_WORK, *_SERVER, *_JOBS)
"""Every table."""
