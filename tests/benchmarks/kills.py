"""How often a server may be killed until something is there twice or lost: it should be never."""

import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from figures import Figure
from lab import Lab
from sizes import Sizes

from databases import running_postgresql
from killed_world import world_to_kill
from killing import Tally, kill_all_day


def measure(lab: Lab, sizes: Sizes) -> Iterator[Figure]:
    """Yield what came of killing servers on both databases at once."""
    seed = sizes.seed or secrets.token_hex(4)
    sys.stdout.write(f"seed {seed}\n")
    sys.stdout.flush()
    begin = time.monotonic()
    with running_postgresql() as server, ThreadPoolExecutor() as both:
        kill = partial(_killed, lab, seed, sizes.kills // 2)
        tallies = list(both.map(kill, ("", server.empty())))
    seconds = time.monotonic() - begin
    tally = tallies[0] + tallies[1]
    sys.stdout.writelines(f"{kind}: {what}\n" for kind, what in tally.findings)
    rate = f"{tally.lives} lives in {seconds:.0f} s, seed {seed}"
    yield Figure(name="servers killed", measured=tally.killed, told=rate)
    yield Figure(name="of these, where", measured=len(tally.kills), told=_told(tally.kills))
    yield Figure(name="faults of Xero", measured=tally.faults.total(), told=_told(tally.faults))
    yield Figure(
        name="numbers and names taken", measured=tally.traps.total(), told=_told(tally.traps)
    )
    yield Figure(name="servers held up while another went on", measured=tally.held_up)
    yield Figure(name="invoices pushed", measured=tally.invoices)
    yield Figure(name="contacts and items created", measured=tally.creations)
    for kind, name in _GOALS.items():
        yield Figure(name=name, measured=tally.count(kind), goal=0)


_GOALS = {
    "duplicate": "records that are in Xero twice",
    "loss": "records that are lost",
    "disagreement": "rows that say otherwise than Xero",
    "unfinished": "rounds that did not come to their end",
}


def _killed(lab: Lab, seed: str, kills: int, url: str) -> Tally:
    with world_to_kill(lab.new_folder(), url) as world:
        return kill_all_day(world, f"{seed}/{'postgresql' if url else 'sqlite'}", kills)


def _told(counts: "Counter[str]") -> str:
    return ", ".join(f"{count} {kind}" for kind, count in counts.most_common())
