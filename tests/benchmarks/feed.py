"""How fast a workspace's changes reach who follows them."""

import time
from collections.abc import Iterator

from figures import Figure
from lab import Lab, connected
from processes import cpu_seconds
from sizes import Sizes

from setting_up import finish
from syncline.v1.customer_pb2 import Customer
from syncline.v1.record_pb2 import (
    ListCustomersRequest,
    UpdateCustomerRequest,
    WatchChangesRequest,
)
from syncline_demo.story.workspace import Workspace

_PER = 100_000
_MILLISECONDS = 1000
_EACH = 2  # a customer and its mapping


def measure(lab: Lab, sizes: Sizes) -> Iterator[Figure]:
    """Yield how fast a whole history is read, and how long one change takes to arrive."""
    with lab.server() as stack:
        workspace = connected(stack, "acme", lab.organisation(sizes.feed_contacts))
        workspace.set_toggles(contacts=True)
        pulled = finish(workspace, "contacts").counts.created
        server = stack.process_id("server")
        used, begin = cpu_seconds(server), time.perf_counter()
        read = _read(workspace, _EACH * pulled)
        seconds, used = time.perf_counter() - begin, cpu_seconds(server) - used
        waits = sorted(_waits(workspace, sizes.feed_updates))
    yield Figure(
        name=f"history of {read:,} changes read with what changed, CPU of the server",
        measured=used / read * _PER,
        unit="s per 100k",
        told=f"{read / seconds:,.0f} changes a second",
    )
    for name, place in (("p50", 0.5), ("p99", 0.99)):
        yield Figure(
            name=f"from UpdateCustomer's answer to the follower, {name}",
            measured=waits[int(place * (len(waits) - 1))] * _MILLISECONDS,
            unit="ms",
        )


def _read(workspace: Workspace, least: int) -> int:
    """Read the history until there is as much as there must be, and return how much it was."""
    request = WatchChangesRequest(parent=workspace.name, from_beginning=True)
    stream = workspace.client.records.WatchChanges(request)
    read = 0
    while read < least:
        read += len(next(stream).changes)
    stream.cancel()
    return read


def _waits(workspace: Workspace, updates: int) -> Iterator[float]:
    """Change a customer again and again, and yield how long each change takes to arrive."""
    records = workspace.client.records
    listed = records.ListCustomers(ListCustomersRequest(parent=workspace.name, page_size=1))
    name = listed.customers[0].name
    stream = records.WatchChanges(WatchChangesRequest(parent=workspace.name))
    next(stream)
    for number in range(updates):
        customer = Customer(name=name, notes=f"change {number}")
        records.UpdateCustomer(UpdateCustomerRequest(customer=customer))
        begin = time.perf_counter()
        next(stream)
        yield time.perf_counter() - begin
    stream.cancel()
