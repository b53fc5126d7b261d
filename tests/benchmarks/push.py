"""How many calls to Xero it takes to create invoices there."""

from collections.abc import Iterator
from math import ceil

from figures import Figure
from lab import Lab, connected
from sizes import Sizes

from setting_up import confirmed_invoices, finish, set_up_chain

_BATCH = 50


def measure(lab: Lab, sizes: Sizes) -> Iterator[Figure]:
    """Yield the calls of one push without faults."""
    organisation = lab.organisation(10, items=5)
    with lab.server() as stack:
        workspace = connected(stack, "acme", organisation)
        set_up_chain(workspace)
        confirmed_invoices(workspace, sizes.invoices)
        lab.calls()
        pushed = finish(workspace, "invoice_push").counts.created
    if pushed != sizes.invoices:
        raise AssertionError(f"{pushed} of {sizes.invoices} invoices were pushed")
    yield Figure(
        name=f"calls to Xero to push {sizes.invoices} invoices",
        measured=lab.calls(),
        goal=ceil(sizes.invoices / _BATCH),
    )
