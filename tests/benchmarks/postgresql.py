"""Contacts into PostgreSQL, by the whole server, beside COPY."""

from collections.abc import Iterator
from statistics import median

from access import granted
from figures import Figure, middle_ratio
from floors import into_postgresql
from lab import Lab, connected
from processes import apart, cpu_seconds
from sizes import Sizes

from databases import running_postgresql
from setting_up import finish

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
            pairs.append((_pulled(lab, url, organisation), floor))
    scale = _PER / contacts
    ours, floor = (median(values) * scale for values in zip(*pairs, strict=True))
    yield Figure(
        name="pull into PostgreSQL: client CPU ÷ COPY pipeline",
        measured=middle_ratio(pairs),
        goal=3,
        told=f"{ours:.2f} ÷ {floor:.2f} s per 100k",
    )


def _pulled(lab: Lab, url: str, organisation: str) -> float:
    with lab.server(url) as stack:
        workspace = connected(stack, "acme", organisation)
        workspace.set_toggles(contacts=True)
        begin = cpu_seconds(stack.process_id("server"))
        finish(workspace, "contacts")
        return cpu_seconds(stack.process_id("server")) - begin
