"""Where a pull's tax rates go: into the rows that a person maps to tax codes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from syncline_sdk import RecordKind, TaxRate
from syncline_server.core.fingerprint import Fingerprinter
from syncline_server.core.model import MappingState
from syncline_server.core.notices import ConnectionChanged, Notify
from syncline_server.core.organisations import of_run
from syncline_server.core.tax_review import review_reason
from syncline_server.services.collapses import find_collapse, hold_back
from syncline_server.services.journal import Journal, Tally
from syncline_server.storage import tax_rates
from syncline_server.storage.tax_rates import TaxRateRow


class TaxRateSink:
    """A ``ListSink[TaxRate]`` over a run's journal.

    :param notify: told when the list changed, because the mapping step may have reopened.
    """

    def __init__(self, journal: Journal, notify: Notify) -> None:
        self._journal = journal
        self._notify = notify

    def replace(self, records: Sequence[TaxRate], *, unreadable: Sequence[str] = ()) -> None:
        """Store the complete list; a mapped tax type that changed or vanished needs review."""
        organisation = of_run(self._journal.run)
        database = self._journal.database
        with self._journal.page() as tally:
            intake = TaxRateList(tax_rates.every(database, organisation, lock=True), tally)
            gone = intake.find_gone(records, unreadable)
            known = intake.present
            run = self._journal.run
            collapsed = find_collapse(run, RecordKind.TAX_RATE, known, known - len(gone))
            if collapsed is not None:
                hold_back(self._journal, tally, collapsed)
                return
            intake.decide(records, gone)
            rows = [*intake.rows, *intake.gone]
            tax_rates.write(database, organisation, rows, tally.now)
            if rows:
                changed = ConnectionChanged(organisation.connection)
                database.after_commit(lambda: self._notify(changed))


class TaxRateList:
    """The whole list, as it is decided.

    :param stored: what is known of the organisation's tax types.
    """

    def __init__(self, stored: Mapping[str, TaxRateRow], tally: Tally) -> None:
        self._stored = stored
        self._tally = tally
        self._fingerprints = Fingerprinter(())
        self.rows: list[TaxRateRow] = []
        """What becomes of each tax type that is news."""
        self.gone: list[TaxRateRow] = []
        """What becomes of those that were in the list no more."""

    @property
    def present(self) -> int:
        """How many tax types the provider had when it was read last."""
        return sum(bool(row.content_hash) for row in self._stored.values())

    def find_gone(self, records: Sequence[TaxRate], unreadable: Sequence[str]) -> list[TaxRateRow]:
        """Return the tax types that are not here any more, readable or not."""
        here = frozenset(unreadable).union(record.tax_type for record in records)
        stored = self._stored.values()
        return [row for row in stored if row.tax_type not in here and row.content_hash]

    def decide(self, records: Sequence[TaxRate], gone: Sequence[TaxRateRow]) -> None:
        """Decide what becomes of each record, and write nothing.

        :param gone: tax types that are not here any more.
        """
        latest = {record.tax_type: record for record in records}
        self._tally.fetched += len(records)
        self._tally.unchanged += len(records) - len(latest)
        self._tally.judge(RecordKind.TAX_RATE, latest)
        for record in latest.values():
            row = self._taken(record, self._stored.get(record.tax_type), self._tally)
            if row is not None:
                self.rows.append(row)
        self.gone = [_vanished(row) for row in gone]

    def _taken(self, record: TaxRate, known: TaxRateRow | None, tally: Tally) -> TaxRateRow | None:
        content_hash = self._fingerprints.of(record)
        if known and known.content_hash == content_hash:
            tally.unchanged += 1
            return None
        if known is None:
            tally.created += 1
            return _row(record, content_hash)
        tally.updated += 1
        return _changed(known, record, content_hash)


def _row(record: TaxRate, content_hash: str) -> TaxRateRow:
    return TaxRateRow(
        tax_type=record.tax_type,
        name=record.name,
        rate=record.rate,
        active=record.active,
        applies_to_sales=record.applies_to_sales,
        content_hash=content_hash,
        state=MappingState.UNMAPPED,
    )


def _changed(known: TaxRateRow, record: TaxRate, content_hash: str) -> TaxRateRow:
    fresh = replace(
        _row(record, content_hash),
        state=known.state,
        tax_code_id=known.tax_code_id,
        review_reason=known.review_reason,
    )
    usable = known.active and known.applies_to_sales
    return _reviewed(fresh, review_reason(known.rate, was_usable=usable, now=record))


def _vanished(known: TaxRateRow) -> TaxRateRow:
    usable = known.active and known.applies_to_sales
    # Without a hash it is news when it comes back.
    gone = replace(known, active=False, content_hash="")
    return _reviewed(gone, review_reason(known.rate, was_usable=usable, now=None))


def _reviewed(row: TaxRateRow, reason: str) -> TaxRateRow:
    if reason and row.tax_code_id:
        reasons = " ".join(filter(None, (row.review_reason, reason)))
        return replace(row, state=MappingState.NEEDS_REVIEW, review_reason=reasons)
    return row
