"""What a push would do with invoices, without doing it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from syncline_server.core import export_check
from syncline_server.core.errors import Blocker, FailedPrecondition, Reason
from syncline_server.core.export_check import BATCH_LIMIT, ExportFacts, ExportReason
from syncline_server.core.invoice import Invoice
from syncline_server.core.link import Link
from syncline_server.core.model import HELD
from syncline_server.core.names import Connection
from syncline_server.core.organisations import FindOrganisation, Organisation
from syncline_server.services import export_facts, named_invoices
from syncline_server.storage import invoice_links, invoices
from syncline_server.storage.database import Database

MOST_RESULTS = 1_000
"""Verdicts in one answer; the counts are complete all the same."""

_CHUNK = 500


class Verdict(StrEnum):
    """What a push would do with one invoice."""

    ELIGIBLE = "ELIGIBLE"
    BLOCKED = "BLOCKED"
    ALREADY_LINKED = "ALREADY_LINKED"


@dataclass(frozen=True, kw_only=True)
class PreflightResult:
    """The verdict on one invoice."""

    invoice: str
    """Its id, or what was asked for when it is unknown."""
    number: str = ""
    """Empty when it is unknown."""
    verdict: Verdict
    reasons: tuple[ExportReason, ...] = ()


@dataclass
class PreflightAnswer:
    """All verdicts."""

    counts: dict[Verdict, int] = field(default_factory=lambda: dict.fromkeys(Verdict, 0))
    results: list[PreflightResult] = field(default_factory=list)

    def add(self, result: PreflightResult) -> None:
        """Count a verdict, and keep it while there is room."""
        self.counts[result.verdict] += 1
        if len(self.results) < MOST_RESULTS:
            self.results.append(result)


class Preflight:
    """Answers which invoices could go."""

    def __init__(self, database: Database, find_organisation: FindOrganisation) -> None:
        self._database = database
        self._find_organisation = find_organisation

    def check(
        self,
        connection: Connection,
        named: Sequence[str],
        is_awaited: Callable[[], bool] = lambda: True,
    ) -> PreflightAnswer:
        """Return a verdict for each invoice.

        :param named: names or ids, in the order of the answer; none of them means every confirmed
            invoice that is not linked.
        :param is_awaited: whether somebody still wants the answer; it stays in part otherwise.
        :raises FailedPrecondition: no organisation was ever connected.
        """
        organisation = self._find_organisation(connection)
        if organisation is None:
            raise _not_connected(connection)
        answer = PreflightAnswer()
        if named:
            self._check_named(organisation, named, answer)
        else:
            self._check_all(organisation, answer, is_awaited)
        return answer

    def _check_named(
        self, organisation: Organisation, named: Sequence[str], answer: PreflightAnswer
    ) -> None:
        workspace = organisation.workspace
        wanted = list(dict.fromkeys(named_invoices.identifier(name, workspace) for name in named))
        verdicts = self._verdicts(organisation, wanted[:BATCH_LIMIT])
        for id_ in wanted[:BATCH_LIMIT]:
            answer.add(verdicts[id_])
        for id_ in wanted[BATCH_LIMIT:]:
            reasons = (export_check.over_limit(),)
            answer.add(PreflightResult(invoice=id_, verdict=Verdict.BLOCKED, reasons=reasons))

    def _check_all(
        self, organisation: Organisation, answer: PreflightAnswer, is_awaited: Callable[[], bool]
    ) -> None:
        after = ""
        while is_awaited() and (
            ids := invoices.to_push(self._database, organisation, after, _CHUNK)
        ):
            verdicts = self._verdicts(organisation, ids)
            for id_ in ids:
                answer.add(verdicts[id_])
            after = ids[-1]

    def _verdicts(
        self, organisation: Organisation, ids: Sequence[str]
    ) -> Mapping[str, PreflightResult]:
        found = invoices.by_ids(self._database, organisation.workspace, ids)
        links = invoice_links.of_invoices(self._database, organisation, ids)
        facts = export_facts.gather(self._database, organisation, found.values())
        return {
            id_: _result(organisation, id_, found.get(id_), links.get(id_), facts.get(id_))
            for id_ in ids
        }


def _result(
    organisation: Organisation,
    asked: str,
    invoice: Invoice | None,
    link: Link | None,
    facts: ExportFacts | None,
) -> PreflightResult:
    if invoice is None or facts is None:
        reasons: tuple[ExportReason, ...] = (export_check.unknown(asked),)
        return PreflightResult(invoice=asked, verdict=Verdict.BLOCKED, reasons=reasons)
    verdict = Verdict.ALREADY_LINKED
    reasons = ()
    if link is None or link.push_state not in HELD:
        reasons = export_check.reasons(organisation.provider, invoice, facts)
        verdict = Verdict.BLOCKED if reasons else Verdict.ELIGIBLE
    return PreflightResult(invoice=asked, number=invoice.number, verdict=verdict, reasons=reasons)


def _not_connected(connection: Connection) -> FailedPrecondition:
    blocker = Blocker(
        reason=Reason.NOT_CONNECTED,
        subject=str(connection),
        title=connection.provider,
        description="Connect an organisation first.",
    )
    return FailedPrecondition("No organisation was ever connected.", [blocker])
