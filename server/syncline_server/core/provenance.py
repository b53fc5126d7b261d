"""Where each value of a record came from, and when it was last set.

What is not written down was set here when the record was made. So a record made here says nothing,
and all records a page makes say the same, once for all fields the provider gave them.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec


class Source(NamedTuple):
    """Who set a value, and when."""

    time: datetime
    provider: str = ""
    """Empty when it was set here."""
    organisation_id: str = ""
    """The provider's id of the organisation; empty when it was set here."""


Sources = Mapping[str, Source]
"""Sources by field, as the field is called on the wire."""


class _Group(msgspec.Struct, array_like=True):
    provider: str
    organisation_id: str
    time: datetime
    fields: list[str]


_DECODER = msgspec.json.Decoder(list[_Group])


def render(sources: Sources) -> str:
    """Return sources as text, fields of one source together."""
    groups: dict[Source, list[str]] = {}
    for field, source in sources.items():
        groups.setdefault(source, []).append(field)
    rendered = [
        _Group(source.provider, source.organisation_id, source.time, fields)
        for source, fields in groups.items()
    ]
    return msgspec.json.encode(rendered).decode()


def parse(text: str) -> dict[str, Source]:
    """Return the sources that :func:`render` made a text of."""
    return {
        field: Source(group.time, group.provider, group.organisation_id)
        for group in _DECODER.decode(text)
        for field in group.fields
    }


def unrecorded(fields: Iterable[str], update_time: datetime) -> dict[str, Source]:
    """Return the sources of a record that was stored before sources were.

    Nobody knows any more who set its values; they count as set here when it changed last.
    """
    return dict.fromkeys(fields, Source(update_time))


def of_field(sources: Sources, field: str, create_time: datetime) -> Source:
    """Return the source of one field.

    :param create_time: when the record was made.
    """
    return sources.get(field) or Source(create_time)


def set_here(sources: Sources, changed: Iterable[str], now: datetime) -> dict[str, Source]:
    """Return the sources after a change made here.

    :param changed: the fields whose value changed.
    """
    return {**sources, **dict.fromkeys(changed, Source(now))}


def taken_over(
    sources: Sources, by: Source, owned: Iterable[str], changed: Collection[str]
) -> dict[str, Source]:
    """Return the sources after a provider's record was read.

    A value that is the same keeps its time; but one that was not this organisation's before is from
    now on, also when it is equal by chance.

    :param owned: the fields the provider owns.
    :param changed: those of them whose value changed.
    """
    taken = {
        field: by for field in owned if field in changed or not _is_from(sources.get(field), by)
    }
    return {**sources, **taken}


def _is_from(source: Source | None, by: Source) -> bool:
    return source is not None and source[1:] == by[1:]
