"""What is settled, by people or by a run: the issues are closed, and what waited is woken.

Everything happens inside the transaction of the change itself.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from syncline_sdk import RecordKind
from syncline_server.core import export_check
from syncline_server.core.invoice import Invoice
from syncline_server.core.issues import OF_MAPPINGS, TAX_TYPE_NOT_MAPPED
from syncline_server.core.model import Run
from syncline_server.core.notices import ConnectionChanged
from syncline_server.core.organisations import Organisation, of_run
from syncline_server.services import export_facts, second_chances
from syncline_server.storage import invoices, module_states, run_issues
from syncline_server.storage.database import Database
from syncline_server.storage.run_issues import OpenIssue

_CHUNK = 500  # invoices judged at once


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """One change, and what it settles at one organisation."""

    database: Database
    organisation: Organisation
    resolution: str
    """Who or what settled it, for people."""
    now: datetime

    def mapping(self, kind: RecordKind, record_id: str) -> None:
        """Close what is open about the mapping of one of the provider's records."""
        found = run_issues.of_records(self.database, self.organisation, kind, [record_id])
        self._close([issue for issue in found if issue.code in OF_MAPPINGS])

    def customer(self, customer_id: str) -> None:
        """Close what kept a customer's invoices from being sent until it had a contact."""
        codes = export_check.contact_codes(self.organisation.provider)
        self.judge(run_issues.of_invoices_of(self.database, self.organisation, codes, customer_id))

    def product(self, product_id: str) -> None:
        """Close what kept invoices over a product from being sent until it had an item."""
        code = export_check.item_code(self.organisation.provider)
        self.judge(run_issues.of_invoices_over(self.database, self.organisation, code, product_id))

    def tax_types(self, mapped: Collection[str]) -> None:
        """Close what waited for tax types to be mapped: items of these, and invoices."""
        database, organisation = self.database, self.organisation
        self._close(run_issues.of_items_taxed(database, organisation, TAX_TYPE_NOT_MAPPED, mapped))
        code = export_check.tax_code(organisation.provider)
        self.judge(run_issues.of_codes(database, organisation, RecordKind.INVOICE, [code]))

    def judge(self, issues: Sequence[OpenIssue]) -> None:
        """Close those of these issues of invoices that are not true any more."""
        untrue: list[OpenIssue] = []
        for begin in range(0, len(issues), _CHUNK):
            untrue += self._untrue(issues[begin : begin + _CHUNK])
        self._close(untrue)

    def _untrue(self, issues: Sequence[OpenIssue]) -> list[OpenIssue]:
        ids = {issue.record_id for issue in issues}
        found = invoices.by_ids(self.database, self.organisation.workspace, ids)
        facts = export_facts.gather(self.database, self.organisation, found.values())
        provider = self.organisation.provider
        standing = {
            id_: {each.code for each in export_check.reasons(provider, invoice, facts[id_])}
            for id_, invoice in found.items()
        }
        return [issue for issue in issues if issue.code not in standing.get(issue.record_id, ())]

    def _close(self, issues: Collection[OpenIssue]) -> None:
        if issues:
            run_issues.close(self.database, issues, self.resolution, self.now)
            modules = {issue.module for issue in issues}
            module_states.wake(self.database, self.organisation, modules, self.now)
            self.database.tell(ConnectionChanged(self.organisation.connection))


def settle_invoices(
    database: Database, workspace: str, changed: Sequence[Invoice], resolution: str, now: datetime
) -> None:
    """Close what is not true any more of invoices that were changed, wherever it was met.

    What a provider refused goes as well: it was about the invoice as it was.
    """
    found: dict[Organisation, list[OpenIssue]] = {}
    ids = [invoice.id for invoice in changed]
    for issue in run_issues.of_invoices(database, workspace, ids):
        at = Organisation(workspace, issue.provider, issue.organisation_id)
        found.setdefault(at, []).append(issue)
    for organisation, issues in found.items():
        Settlement(
            database=database, organisation=organisation, resolution=resolution, now=now
        ).judge(issues)


def settle_behind(database: Database, run: Run, now: datetime) -> None:
    """Close what kept invoices from being sent until a run mapped what they refer to.

    What was refused and refers to what changed meanwhile is sent once more.
    """
    organisation = of_run(run)
    provider = organisation.provider
    codes = (*export_check.contact_codes(provider), export_check.item_code(provider))
    found = run_issues.of_codes(database, organisation, RecordKind.INVOICE, codes)
    Settlement(
        database=database,
        organisation=organisation,
        resolution=f"Run {run.id} found it settled.",
        now=now,
    ).judge([issue for issue in found if issue.run_id != run.id])
    second_chances.after_changes(database, organisation, now)
