"""The most memory a server needs beyond what it holds when idle, while it pulls contacts."""

from collections.abc import Iterator

from figures import Figure
from lab import Lab, connected
from processes import peak_bytes, resident_bytes
from sizes import Sizes

from setting_up import finish

_MEGABYTE = 1_000_000


def measure(lab: Lab, sizes: Sizes) -> Iterator[Figure]:
    """Yield the peak of one pull above the idle server."""
    organisation = lab.organisation(sizes.memory_contacts)
    with lab.server() as stack:
        workspace = connected(stack, "acme", organisation)
        workspace.set_toggles(contacts=True)
        idle = resident_bytes(stack.process_id("server"))
        finish(workspace, "contacts")
        peak = peak_bytes(stack.process_id("server"))
    yield Figure(
        name=f"peak memory above the idle server, {sizes.memory_contacts:,} contacts",
        measured=(peak - idle) / _MEGABYTE,
        goal=120,
        unit="MB",
        told=f"{peak / _MEGABYTE:.0f} - {idle / _MEGABYTE:.0f} MB",
    )
