"""What a workspace holds, as callers see it, kind by kind and page by page."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeVar

from syncline_server.core.catalogue import Catalogue
from syncline_server.core.listing import (
    InvoiceFilter,
    LinkFilter,
    MappingFilter,
    RecordFilter,
    RunFilter,
)
from syncline_server.core.model import ConnectionRow, Run, Settings
from syncline_server.core.names import Connection
from syncline_server.core.organisations import Organisation
from syncline_server.services.chain import Chain
from syncline_server.services.changes import ChangeView
from syncline_server.services.invoices import Invoices
from syncline_server.services.record_views import RecordViews
from syncline_server.services.tax_mappings import TaxMappings
from syncline_server.storage import (
    changes,
    connections,
    contacts,
    customers,
    invoice_links,
    items,
    organisations,
    products,
    run_issues,
    runs,
    settings,
    tax_codes,
    tax_rates,
)
from syncline_server.storage.database import Database

_PAGE: Final = 500

T = TypeVar("T")
Pages = Iterable[Sequence[object]]


@dataclass(frozen=True, kw_only=True)
class Part:
    """Everything of one kind."""

    path: tuple[str, ...]
    """Where it belongs; the last is the kind's file."""
    kind: str
    pages: Pages
    """Read while it is walked over."""


@dataclass(frozen=True, kw_only=True)
class StoredSettings:
    """The settings of a connection, as they are stored."""

    connection: Connection
    settings: Settings


@dataclass(frozen=True, kw_only=True, eq=False)
class WorkspaceContents:
    """Reads all of a workspace; consistent where its caller holds a snapshot."""

    database: Database
    catalogue: Catalogue
    chain: Chain
    views: RecordViews
    invoices: Invoices
    tax_mappings: TaxMappings

    def parts(self, workspace: str) -> Iterator[Part]:
        """Yield everything a workspace holds; each part has to be walked over before the next."""
        yield from self._connections(workspace)
        yield from self._records(workspace)
        for organisation in organisations.known(self.database, workspace):
            yield from self._at(organisation)
        yield _part("runs", self._runs(workspace))
        yield _part("run_issues", self._issues(workspace))
        yield _part("changes", self._changes(workspace))

    def _connections(self, workspace: str) -> Iterator[Part]:
        rows = connections.of_workspace(self.database, workspace)
        yield _part("connections", [rows])
        yield _part("settings", [[self._settings(row) for row in rows]])
        yield _part("modules", (self._nodes(row) for row in rows))

    def _records(self, workspace: str) -> Iterator[Part]:
        database, every = self.database, RecordFilter()
        yield _part(
            "customers",
            _walk(
                lambda after: self.views.of_customers(
                    workspace, customers.page(database, workspace, every, after, _PAGE)
                ),
                lambda view: view.record.id,
            ),
        )
        yield _part(
            "products",
            _walk(
                lambda after: self.views.of_products(
                    workspace, products.page(database, workspace, every, after, _PAGE)
                ),
                lambda view: view.record.id,
            ),
        )
        yield _part(
            "tax_codes",
            _walk(
                lambda after: self.views.of_tax_codes(
                    workspace, tax_codes.page(database, workspace, every, after, _PAGE)
                ),
                lambda view: view.record.id,
            ),
        )
        yield _part(
            "invoices",
            _walk(
                lambda after: self.invoices.page(workspace, InvoiceFilter(), after, _PAGE),
                lambda view: view.invoice.id,
            ),
        )

    def _at(self, organisation: Organisation) -> Iterator[Part]:
        database, every = self.database, MappingFilter()
        place = ("organisations", organisation.provider, organisation.id)
        yield _part(
            "contact_mappings",
            _walk(
                lambda after: contacts.page(database, organisation, every, after, _PAGE),
                lambda found: found.contact_id,
            ),
            *place,
        )
        yield _part(
            "item_mappings",
            _walk(
                lambda after: items.page(database, organisation, every, after, _PAGE),
                lambda found: found.item_id,
            ),
            *place,
        )
        rates = list(tax_rates.every(database, organisation))
        yield _part("tax_mappings", [self.tax_mappings.of_tax_types(organisation, rates)], *place)
        yield _part(
            "invoice_links",
            _walk(
                lambda after: invoice_links.page(
                    database, organisation, LinkFilter(), after, _PAGE
                ),
                lambda link: link.invoice_id,
            ),
            *place,
        )

    def _settings(self, row: ConnectionRow) -> StoredSettings:
        return StoredSettings(connection=row.key, settings=settings.get(self.database, row.key))

    def _nodes(self, row: ConnectionRow) -> Sequence[object]:
        """Return how far each module is; nothing where the provider is not installed any more."""
        if row.key.provider not in self.catalogue.providers:
            return ()
        return [(each, row.key) for each in self.chain.view(row.key).nodes]

    def _runs(self, workspace: str) -> Iterator[Sequence[Run]]:
        before = ""
        while page := runs.page(self.database, workspace, RunFilter(), before, _PAGE):
            yield page
            before = page[-1].id

    def _issues(self, workspace: str) -> Pages:
        for page in self._runs(workspace):
            for run in page:
                if run.issue_count:
                    yield from self._issues_of(workspace, run.id)

    def _issues_of(self, workspace: str, run_id: str) -> Pages:
        after = 0
        while rows := run_issues.of_one_run(self.database, run_id, after, _PAGE):
            yield [(workspace, row) for row in rows]
            after = rows[-1]["number"]

    def _changes(self, workspace: str) -> Pages:
        history = changes.history(self.database, workspace)
        span = (history.forgotten, history.last)
        found = changes.read(self.database, workspace, span, ())
        while page := [ChangeView(change=each, resource=None) for each in islice(found, _PAGE)]:
            yield page


def _part(kind: str, pages: Pages, *place: str) -> Part:
    return Part(path=(*place, kind), kind=kind, pages=pages)


def _walk(read: Callable[[str], Sequence[T]], key: Callable[[T], str]) -> Pages:
    """Yield pages in the order of keys, each read behind the one before."""
    after = ""
    while page := read(after):
        yield page
        after = key(page[-1])
