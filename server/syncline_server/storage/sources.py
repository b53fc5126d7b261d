"""The column ``sources`` of customers and products."""

from collections.abc import Collection, Sequence
from datetime import datetime

from syncline_server.core import provenance
from syncline_server.core.organisations import Organisation
from syncline_server.core.ownership import wire_name
from syncline_server.core.provenance import Source, Sources
from syncline_server.storage.database import Row
from syncline_server.storage.values import from_micros


def from_row(row: Row, fields: Sequence[str]) -> Sources:
    """Return the sources of a row's values.

    :param fields: all fields of the record, for a row from before the column was there.
    """
    if row["sources"]:
        return provenance.parse(row["sources"])
    return provenance.unrecorded(fields, from_micros(row["update_time"]))


def of_new(organisation: Organisation, fields: Collection[str], now: datetime) -> str:
    """Return the column of a record that is made of an organisation's.

    :param fields: what is taken of it.
    """
    source = Source(now, organisation.provider, organisation.id)
    return provenance.render(dict.fromkeys(map(wire_name, fields), source))


class TakenOver:
    """The column of records that a page brings up to date with an organisation's.

    Most rows of a page say the same and change alike; each case is worked out once.

    :param every: all fields of the record.
    :param taken: what is taken of the organisation's.
    """

    def __init__(
        self, organisation: Organisation, every: Sequence[str], taken: Sequence[str], now: datetime
    ) -> None:
        self._by = Source(now, organisation.provider, organisation.id)
        self._every = every
        self._owned = tuple(map(wire_name, taken))
        self._known: dict[tuple[object, ...], str] = {}

    def column(self, row: Row, changed: Sequence[str]) -> str:
        """Return the column after the change.

        :param row: as it was before.
        :param changed: the fields whose value is another now.
        """
        case = (row["sources"] or row["update_time"], *changed)
        if case not in self._known:
            news = set(map(wire_name, changed))
            before = from_row(row, self._every)
            after = provenance.taken_over(before, self._by, self._owned, news)
            self._known[case] = provenance.render(after)
        return self._known[case]
