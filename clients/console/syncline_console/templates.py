"""Templates: what turns values into HTML, everything escaped."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, Literal

import jinja2
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from markupsafe import Markup

from syncline_console.connection_states import limit_of, state_of
from syncline_console.money import differing, money
from syncline_console.names import in_line, is_seen
from syncline_console.statics import Statics

_PACKAGE: Final = "syncline_console"


def environment(statics: Statics) -> jinja2.Environment:
    """Return what renders the templates of this package."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader(_PACKAGE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["static"] = statics.url
    made.filters.update(moment=moment, day=day, span=span, count=_together, listed=listed)
    made.filters.update(money=money, differing=differing, in_line=in_line, is_seen=is_seen)
    made.filters.update(state=state_of, limit=limit_of)
    return made


def moment(at: Timestamp, style: Literal["relative", "absolute"] = "relative") -> Markup:
    """Return a time as an element that scripts put into the reader's own zone.

    :param style: ``absolute`` for behind words such as "since", which take no "2 minutes ago".
    """
    when = at.ToDatetime(UTC)
    text = f"{when.day} {when:%b %Y, %H:%M} UTC"
    return Markup('<time datetime="{}" data-style="{}">{}</time>').format(
        _exactly(when), style, text
    )


def day(date: str) -> str:
    """Return a calendar date ``YYYY-MM-DD`` for a person: ``3 Nov 2026``; others as they are."""
    try:
        found = datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return date
    return f"{found.day} {found:%b %Y}"


def span(length: Duration) -> str:
    """Return a duration for a person: ``2 hours``, ``1 minute 30 seconds``."""
    seconds = max(length.ToSeconds(), 0)
    parts = []
    for size, unit in ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(count(number, unit))
    return " ".join(parts) or "0 seconds"


def count(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: ``1 record``, ``1,200 records``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _together(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun as :func:`count` does, on one line."""
    return count(number, noun, plural).replace(" ", "\N{NO-BREAK SPACE}", 1)


def listed(names: Iterable[str]) -> str:
    """Return names as people list them: ``Contacts, Items and Tax Rates``."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _exactly(when: datetime) -> str:
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
