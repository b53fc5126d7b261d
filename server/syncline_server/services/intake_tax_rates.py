"""Where a pull's tax rates go: into the rows that a person maps to tax codes."""

from collections.abc import Sequence
from dataclasses import replace

from syncline_sdk import TaxRate
from syncline_server.core.fingerprint import Fingerprinter
from syncline_server.core.model import MappingState
from syncline_server.core.notices import ConnectionChanged, Notify
from syncline_server.core.organisations import of_run
from syncline_server.core.tax_review import review_reason
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
        self._fingerprints = Fingerprinter(())

    def replace(self, records: Sequence[TaxRate], *, unreadable: Sequence[str] = ()) -> None:
        """Store the complete list; a mapped tax type that changed or vanished needs review."""
        organisation = of_run(self._journal.run)
        database = self._journal.database
        with self._journal.page() as tally:
            latest = {record.tax_type: record for record in records}
            tally.fetched += len(records)
            tally.unchanged += len(records) - len(latest)
            stored = tax_rates.every(database, organisation, lock=True)
            rows = [
                row
                for record in latest.values()
                if (row := self._taken(record, stored.get(record.tax_type), tally))
            ]
            here = latest.keys() | set(unreadable)
            gone = [
                _vanished(row)
                for row in stored.values()
                if row.tax_type not in here and row.content_hash
            ]
            tax_rates.write(database, organisation, [*rows, *gone], tally.now)
            if rows or gone:
                changed = ConnectionChanged(organisation.connection)
                database.after_commit(lambda: self._notify(changed))

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
