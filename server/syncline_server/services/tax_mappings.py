"""Tax mappings: the step that a person completes."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from syncline_server.core import etags, tax_mapping
from syncline_server.core.checks import Shelf
from syncline_server.core.clock import Clock
from syncline_server.core.errors import FailedPrecondition, InvalidArgument, NotFound, Violation
from syncline_server.core.listing import MappingFilter
from syncline_server.core.mappings import TaxMapping
from syncline_server.core.model import MappingState
from syncline_server.core.names import Connection
from syncline_server.core.notices import ConnectionChanged, Notify
from syncline_server.core.organisations import FindOrganisation, Organisation
from syncline_server.core.records import TaxCode
from syncline_server.core.tax_mapping import TaxDecision
from syncline_server.services.refusals import missing
from syncline_server.services.settlement import Settlement
from syncline_server.storage import creations, tax_codes, tax_rates
from syncline_server.storage.database import Database
from syncline_server.storage.tax_rates import TaxRateRow


class TaxMappings:
    """Shows and settles tax types.

    :param notify: told after a change, because the mapping step may be complete now.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        find_organisation: FindOrganisation,
        notify: Notify,
    ) -> None:
        self._database = database
        self._clock = clock
        self._find_organisation = find_organisation
        self._notify = notify

    def get(self, connection: Connection, tax_type: str) -> TaxMapping:
        """Return the mapping of a tax type, with its suggestion.

        :raises NotFound: the tax type is not there.
        """
        organisation = self._find_organisation(connection)
        found = self.of_tax_types(organisation, [tax_type]) if organisation else []
        if not found:
            raise NotFound(_name(connection, tax_type))
        return found[0]

    def page(
        self, connection: Connection, wanted: MappingFilter, after: str, limit: int
    ) -> Sequence[TaxMapping]:
        """Return at most ``limit`` mappings behind a tax type, in order, with suggestions."""
        organisation = self._find_organisation(connection)
        if organisation is None:
            return []
        found = tax_rates.page(self._database, organisation, wanted, after, limit)
        every = tax_rates.every(self._database, organisation)
        return self._with_suggestions(organisation, found, every.values())

    def update(self, connection: Connection, decision: TaxDecision) -> TaxMapping:
        """Settle one tax type; see :meth:`batch_update`."""
        return self._settle(connection, [decision], ["tax_mapping"])[0]

    def batch_update(
        self, connection: Connection, decisions: Sequence[TaxDecision]
    ) -> Sequence[TaxMapping]:
        """Settle several tax types, all or nothing, judged by the outcome.

        :raises InvalidArgument: too many, one twice, or nothing to set.
        :raises NotFound: a tax type or tax code is not there.
        :raises Aborted: an etag is stale.
        :raises FailedPrecondition: rates differ, a tax code is taken, or a tax type cannot be used.
        """
        paths = [f"requests[{index}].tax_mapping" for index in range(len(decisions))]
        return self._settle(connection, decisions, paths)

    def _settle(
        self, connection: Connection, decisions: Sequence[TaxDecision], paths: Sequence[str]
    ) -> list[TaxMapping]:
        _refuse_malformed(connection, decisions, paths)
        organisation = self._find_organisation(connection)
        if organisation is None:
            raise NotFound(_name(connection, decisions[0].tax_type))
        with self._database.transaction():
            # What a run meets at this moment is either settled here, or sees what is settled.
            creations.wait_turn(self._database, organisation)
            rows = tax_rates.every(self._database, organisation, lock=True)
            before = {each.tax_type: each for each in _mappings(organisation, rows.values())}
            _refuse_stale(connection, before, decisions)
            after = self._decide(connection, before, decisions)
            changed = [each for each in after.values() if each != before[each.tax_type]]
            tax_rates.settle(self._database, organisation, changed, self._clock())
            if changed:
                self._free(organisation, changed)
                notice = ConnectionChanged(connection)
                self._database.after_commit(lambda: self._notify(notice))
        return self.of_tax_types(organisation, [decision.tax_type for decision in decisions])

    def _free(self, organisation: Organisation, changed: Sequence[TaxMapping]) -> None:
        mapped = [each.tax_type for each in changed if each.state is MappingState.MAPPED]
        if mapped:
            Settlement(
                database=self._database,
                organisation=organisation,
                resolution=f"Mapped to a tax code: {', '.join(mapped)}.",
                now=self._clock(),
            ).tax_types(mapped)

    def _decide(
        self,
        connection: Connection,
        before: Mapping[str, TaxMapping],
        decisions: Sequence[TaxDecision],
    ) -> dict[str, TaxMapping]:
        shelf = Shelf(connection.workspace, "taxCodes")
        chosen = {each.tax_type: shelf.identifier(each.tax_code) for each in decisions}
        codes = self._codes(connection, filter(None, chosen.values()))
        outcome = dict(before)
        for each in decisions:
            known = before[each.tax_type]
            outcome[each.tax_type] = tax_mapping.decided(known, each, chosen[each.tax_type])
        if found := tax_mapping.blockers(outcome, decisions, codes):
            raise FailedPrecondition("Not everything can be settled like this.", found)
        return outcome

    def _codes(self, connection: Connection, ids: Iterable[str]) -> dict[str, TaxCode]:
        wanted = list(ids)
        codes = tax_codes.by_ids(self._database, connection.workspace, wanted, lock=True)
        for id_ in wanted:
            if id_ not in codes:
                raise missing(connection.workspace, "taxCodes", id_)
        return codes

    def of_tax_types(
        self, organisation: Organisation, tax_types: Collection[str]
    ) -> list[TaxMapping]:
        """Return the mappings of those of these tax types that are there, with suggestions."""
        rows = tax_rates.every(self._database, organisation)
        found = [rows[tax_type] for tax_type in tax_types if tax_type in rows]
        return self._with_suggestions(organisation, found, rows.values())

    def _with_suggestions(
        self,
        organisation: Organisation,
        rows: Iterable[TaxRateRow],
        every: Iterable[TaxRateRow],
    ) -> list[TaxMapping]:
        taken = tax_mapping.taken_codes(_mappings(organisation, every))
        codes = tax_codes.every(self._database, organisation.workspace)
        return tax_mapping.with_suggestions(_mappings(organisation, rows), codes, taken)


def _mappings(organisation: Organisation, rows: Iterable[TaxRateRow]) -> list[TaxMapping]:
    return [
        TaxMapping(
            organisation=organisation,
            tax_type=row.tax_type,
            title=row.name,
            rate=row.rate,
            active=row.active,
            applies_to_sales=row.applies_to_sales,
            state=row.state,
            review_reason=row.review_reason,
            tax_code_id=row.tax_code_id,
            update_time=row.update_time,
            version=row.version,
        )
        for row in rows
    ]


def _refuse_malformed(
    connection: Connection, decisions: Sequence[TaxDecision], paths: Sequence[str]
) -> None:
    violations = []
    seen: set[str] = set()
    for decision, path in zip(decisions, paths, strict=True):
        if decision.tax_type in seen:
            violations.append(Violation(field=f"{path}.name", description="comes twice"))
        seen.add(decision.tax_type)
        violations += _violations(connection, decision, path)
    if violations:
        raise InvalidArgument(violations)


def _violations(connection: Connection, decision: TaxDecision, path: str) -> list[Violation]:
    shelf = Shelf(connection.workspace, "taxCodes")
    field = f"{path}.tax_code"
    if not decision.fields:
        return [Violation(field=path, description="needs tax_code or not_used")]
    if decision.tax_code and decision.not_used:
        return [Violation(field=field, description="must be empty where not_used is set")]
    if decision.tax_code and shelf.identifier(decision.tax_code) is None:
        return [Violation(field=field, description=f"must be {shelf}/{{id}}")]
    return []


def _refuse_stale(
    connection: Connection, before: Mapping[str, TaxMapping], decisions: Sequence[TaxDecision]
) -> None:
    for decision in decisions:
        name = _name(connection, decision.tax_type)
        known = before.get(decision.tax_type)
        if known is None:
            raise NotFound(name)
        etags.refuse_stale(decision.etag, known.version, name, known.organisation.id)


def _name(connection: Connection, tax_type: str) -> str:
    return f"{connection}/taxMappings/{tax_type}"
