"""Contacts into SQLite, by the whole server, beside the good pipeline; twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from statistics import median

from access import Access, granted
from figures import Figure, middle_ratio
from floors import into_our_tables, into_sqlite
from good_pipeline import PAGE
from lab import Lab, connected, read_all_again
from processes import apart, cpu_seconds
from sizes import Sizes

from setting_up import finish

_PER = 100_000


@dataclass(frozen=True, kw_only=True)
class _Round:
    """Seconds of processor time, and calls to Xero."""

    floor: float
    floor_of_both: float
    first: float
    second: float
    calls: int


def measure(lab: Lab, sizes: Sizes) -> Iterator[Figure]:
    """Yield CPU against the floors, the second pass against the first, and calls to Xero."""
    organisation = lab.organisation(sizes.contacts)
    access = granted(lab.xero, organisation)
    _floor(lab, access, sizes)  # the simulator is slower the first time
    rounds = [_round(lab, access, organisation, sizes) for _ in range(sizes.rounds)]
    scale = _PER / sizes.contacts
    first, second, floor, both = (
        median(values) * scale
        for values in zip(
            *((one.first, one.second, one.floor, one.floor_of_both) for one in rounds), strict=True
        )
    )
    yield Figure(
        name="pull into SQLite: CPU ÷ good pipeline",
        measured=middle_ratio((one.first, one.floor) for one in rounds),
        goal=1.3,
        told=f"{first:.2f} ÷ {floor:.2f} s per 100k",
    )
    yield Figure(
        name="the same ÷ good pipeline into the tables and indexes Syncline has",
        measured=middle_ratio((one.first, one.floor_of_both) for one in rounds),
        told=f"{first:.2f} ÷ {both:.2f} s per 100k",
    )
    yield Figure(
        name="second pass ÷ first pass, CPU",
        measured=middle_ratio((one.second, one.first) for one in rounds),
        goal=0.4,
        told=f"{second:.2f} ÷ {first:.2f} s per 100k",
    )
    yield Figure(
        name=f"calls to Xero to pull {sizes.contacts:,} contacts",
        measured=max(one.calls for one in rounds),
        goal=ceil(sizes.contacts / PAGE) + 1,
    )


def _round(lab: Lab, access: Access, organisation: str, sizes: Sizes) -> _Round:
    floor = _floor(lab, access, sizes)
    both = apart(into_our_tables, access, sizes.contacts, f"{lab.new_folder()}.db")
    with lab.server() as stack:
        workspace = connected(stack, "acme", organisation)
        workspace.set_toggles(contacts=True)
        server = stack.process_id("server")
        lab.calls()
        begin = cpu_seconds(server)
        finish(workspace, "contacts")
        middle, calls = cpu_seconds(server), lab.calls()
        read_all_again(stack, workspace)
        end = cpu_seconds(server)
    return _Round(
        floor=floor, floor_of_both=both, first=middle - begin, second=end - middle, calls=calls
    )


def _floor(lab: Lab, access: Access, sizes: Sizes) -> float:
    return apart(into_sqlite, access, sizes.contacts, f"{lab.new_folder()}.db")
