"""What no input may do to a server: fail, hang or grow it. Every method, and the console's HTTP.

The server and the console are processes of their own. Both databases are taken in turn.
"""

import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import grpc
from figures import Figure
from lab import Lab
from processes import resident_bytes
from sizes import Sizes

from databases import running_postgresql
from fuzz_calls import METHODS, Caller, Tally, fuzz
from fuzz_http import fuzz_http
from fuzz_requests import Known
from fuzz_stock import elements, every_page, known_of, stock
from local_stack import LocalStack
from setting_up import confirmed_invoices, connect, set_up_chain
from syncline_demo.story.workspace import Workspace

_MEGABYTE = 1024 * 1024
_CRASHES = ("rpc_crash", "Traceback (most recent call last)")
_OPTIONS = (("grpc.enable_http_proxy", 0),)


def measure(lab: Lab, sizes: Sizes) -> Iterator[Figure]:
    """Yield what was called, what came of it, and how much larger the server was afterwards."""
    seed = sizes.seed or str(secrets.randbelow(10**9))
    sys.stdout.write(f"seed {seed}\n")
    sys.stdout.flush()
    with running_postgresql() as server:
        for name, url in (("sqlite", ""), ("postgresql", server.empty())):
            yield from _on(lab, sizes, int(seed), name, url)


def _on(lab: Lab, sizes: Sizes, seed: int, name: str, url: str) -> Iterator[Figure]:
    organisation = lab.organisation(20, 5, f"{name} made up")
    with _settled(lab, url, organisation) as (stack, workspace):
        known = known_of(
            stack.client, workspace.name, workspace.connection, stack.settings.redirect_uri
        )
        begin, tally, sizes_told = time.monotonic(), Tally(), []
        for part in range(sizes.fuzz_rounds):
            connect(stack, workspace, organisation)  # a round ends with disconnecting
            _fuzz_api(stack, known, tally, seed + part, sizes.fuzz_examples)
            sizes_told.append(resident_bytes(stack.process_id("server")) / _MEGABYTE)
        seconds = time.monotonic() - begin
        statuses = fuzz_http(
            stack.settings.console.port, examples=sizes.fuzz_http_examples, start=seed
        )
        pages = every_page(stack.client, workspace.name, workspace.connection, size=200)
        stored = sum(len(elements(page)) for page in pages)
        log = stack.log_of("server").read_text() + stack.log_of("console").read_text()
    yield from _figures(name, tally, seconds)
    yield Figure(name=f"{name}: crashes in the logs", measured=_crashes(log), goal=0)
    yield Figure(name=f"{name}: records read back afterwards", measured=stored)
    yield Figure(
        name=f"{name}: resident memory after the last round ÷ after the first",
        measured=sizes_told[-1] / sizes_told[0],
        goal=1.5,
        told=" → ".join(f"{size:.0f}" for size in sizes_told) + " MB",
    )
    yield Figure(
        name=f"{name}: HTTP requests to the console",
        measured=statuses.total(),
        told=_told(statuses),
    )


@contextmanager
def _settled(lab: Lab, url: str, organisation: str) -> Iterator[tuple[LocalStack, Workspace]]:
    """Run a server and a console, with a workspace that has something of everything."""
    with lab.server(url) as stack:
        stack.start("console")
        workspace = Workspace(client=stack.client, id="acme")
        stock(stack.client, workspace.name)
        connect(stack, workspace, organisation)
        set_up_chain(workspace)
        confirmed_invoices(workspace, 3)
        yield stack, workspace


def _fuzz_api(stack: LocalStack, known: Known, tally: Tally, seed: int, examples: int) -> None:
    metadata = (
        (("authorization", f"Bearer {stack.settings.token}"),) if stack.settings.token else ()
    )
    with grpc.insecure_channel(str(stack.settings.server), options=_OPTIONS) as channel:
        caller = Caller(channel, metadata, tally)
        fuzz(caller, known, examples=examples, start=seed, spoiled=1)


def _figures(name: str, tally: Tally, seconds: float) -> Iterator[Figure]:
    calls = tally.codes.total()
    yield Figure(
        name=f"{name}: calls", measured=calls, told=f"{seconds:.0f} s; {_told(tally.codes)}"
    )
    yield Figure(
        name=f"{name}: reasons told", measured=len(tally.reasons), told=_told(tally.reasons)
    )
    yield Figure(
        name=f"{name}: methods that took a request ÷ methods",
        measured=sum(bool(tally.answered[path]) for path in METHODS) / len(METHODS),
        told=f"never: {', '.join(sorted(_never(tally))) or 'none'}",
    )
    yield Figure(name=f"{name}: fields of requests that were sent", measured=len(tally.fields))
    slowest, path = tally.slowest
    yield Figure(name=f"{name}: slowest answer", measured=slowest, unit="s", told=path)


def _never(tally: Tally) -> Iterator[str]:
    for path in METHODS:
        if not tally.answered[path]:
            yield path.rpartition("/")[2]


def _crashes(log: str) -> int:
    return sum(log.count(sign) for sign in _CRASHES)


def _told(counts: "Counter[str]") -> str:
    return ", ".join(f"{count:,} {kind}" for kind, count in counts.most_common())
