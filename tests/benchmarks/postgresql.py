"""Contacts into PostgreSQL, by the whole server, beside COPY."""

from collections.abc import Iterator
from statistics import median

from access import granted
from figures import Figure, middle_ratio
from floors import into_postgresql
from lab import Lab, pull_seconds
from processes import apart
from sizes import Sizes

from databases import running_postgresql

_PER = 100_000


def measure(lab: Lab, sizes: Sizes) -> Iterator[Figure]:
    """Yield the client's CPU, the server's of Syncline that is, against the floor."""
    contacts = sizes.postgresql_contacts
    organisation = lab.organisation(contacts)
    access = granted(lab.xero, organisation)
    pairs = []
    with running_postgresql() as server:
        for _ in range(sizes.rounds):
            url = server.empty()
            floor = apart(into_postgresql, access, contacts, url)
            pairs.append((pull_seconds(lab, organisation, url), floor))
    scale = _PER / contacts
    ours, floor = (median(values) * scale for values in zip(*pairs, strict=True))
    yield Figure(
        name="pull into PostgreSQL: client CPU ÷ COPY pipeline",
        measured=middle_ratio(pairs),
        goal=3,
        told=f"{ours:.2f} ÷ {floor:.2f} s per 100k",
    )
