"""Rows of ``parity_checks``: the newest comparison of each module with the provider."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from syncline_server.core.organisations import Organisation
from syncline_server.core.parity import Difference, Parity
from syncline_server.storage.database import Database
from syncline_server.storage.values import from_micros, from_micros_or_none, to_micros

_OF = "workspace = ? AND provider = ? AND organisation_id = ?"


@dataclass(frozen=True, kw_only=True)
class CheckRow:
    """What is known of one module's comparisons."""

    begin_time: datetime
    """When a comparison began last, whatever became of it."""
    parity: Parity | None
    """What the newest one found; None before one came to its end."""
    walked_to: str
    """The id up to which records were looked at one by one; the next ones are behind it."""


def of_organisation(database: Database, organisation: Organisation) -> dict[str, CheckRow]:
    """Return the rows of an organisation, by module."""
    query = (
        "SELECT module, begin_time, check_time, compared, differences, walked_to"
        f" FROM parity_checks WHERE {_OF}"
    )
    return {
        module: CheckRow(
            begin_time=from_micros(begun),
            parity=_parity(from_micros_or_none(checked), compared, differences),
            walked_to=walked_to,
        )
        for module, begun, checked, compared, differences, walked_to in database.tuples(
            query, organisation
        )
    }


def claim(
    database: Database,
    organisation: Organisation,
    module: str,
    known: datetime | None,
    now: datetime,
) -> bool:
    """Begin a comparison that is due; False when somebody else has begun it.

    :param known: when the last one began, as it was read; None without a row.
    """
    if known is None:
        return bool(
            database.execute(
                "INSERT INTO parity_checks"
                " (workspace, provider, organisation_id, module, begin_time)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (*organisation, module, to_micros(now)),
            )
        )
    return bool(
        database.execute(
            f"UPDATE parity_checks SET begin_time = ? WHERE {_OF} AND module = ?"
            " AND begin_time = ?",
            (to_micros(now), *organisation, module, to_micros(known)),
        )
    )


def put_back(
    database: Database, organisation: Organisation, module: str, begun: datetime, when: datetime
) -> None:
    """Make a comparison that came to nothing count as begun at another time.

    :param begun: when it was claimed.
    """
    claim(database, organisation, module, begun, when)


def save(
    database: Database, organisation: Organisation, module: str, parity: Parity, walked_to: str
) -> None:
    """Write down what a comparison found."""
    database.execute(
        "INSERT INTO parity_checks (workspace, provider, organisation_id, module, begin_time,"
        " check_time, compared, differences, walked_to) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (workspace, provider, organisation_id, module) DO UPDATE SET"
        " begin_time = excluded.begin_time, check_time = excluded.check_time,"
        " compared = excluded.compared, differences = excluded.differences,"
        " walked_to = excluded.walked_to",
        (
            *organisation,
            module,
            to_micros(parity.check_time),
            to_micros(parity.check_time),
            parity.compared,
            msgspec.json.encode(parity.differences).decode(),
            walked_to,
        ),
    )


def _parity(checked: datetime | None, compared: int, differences: str) -> Parity | None:
    if checked is None:
        return None
    return Parity(
        check_time=checked,
        compared=compared,
        differences=msgspec.json.decode(differences, type=tuple[Difference, ...]),
    )
