"""Whether a node may run now, and everything that stands in its way."""

from collections.abc import Mapping
from dataclasses import dataclass

from syncline_sdk import ModuleSpec
from syncline_server.core.catalogue import ProviderCatalogue
from syncline_server.core.errors import Blocker, Reason
from syncline_server.core.model import ConnectionState
from syncline_server.core.names import Connection


@dataclass(frozen=True, kw_only=True)
class ChainFacts:
    """What readiness is decided by, all read in one go."""

    connection: Connection
    state: ConnectionState
    enabled: frozenset[str]
    """Nodes that are on."""
    succeeded: frozenset[str]
    """Modules that have succeeded for the organisation connected now."""
    open_mappings: Mapping[str, int]
    """For each step, how many mappings a person still has to settle."""


def complete_nodes(catalogue: ProviderCatalogue, facts: ChainFacts) -> frozenset[str]:
    """Return the nodes that are on and done."""
    complete: set[str] = set()
    for name, node in catalogue.nodes.items():  # prerequisites come first
        if name not in facts.enabled:
            continue
        if isinstance(node, ModuleSpec):
            done = name in facts.succeeded
        else:
            done = complete.issuperset(node.requires) and not facts.open_mappings.get(name, 0)
        if done:
            complete.add(name)
    return frozenset(complete)


def blockers(catalogue: ProviderCatalogue, facts: ChainFacts, node: str) -> tuple[Blocker, ...]:
    """Return everything that keeps a node from running, in the order in which to mend it."""
    return (
        *_connection_blockers(catalogue, facts),
        *_toggle_blockers(catalogue, facts, node),
        *_prerequisite_blockers(catalogue, facts, node),
    )


def access_lost(connection: Connection, title: str) -> Blocker:
    """Return what is in the way once a provider, by its title, has ended our access."""
    return Blocker(
        reason=Reason.RECONNECT_REQUIRED,
        subject=str(connection),
        title=title,
        description=f"Reconnect {title}: it ended our access.",
    )


def prerequisites(catalogue: ProviderCatalogue, enabled: frozenset[str], node: str) -> list[str]:
    """Return all nodes that must be complete before this one, in the order of the chain."""
    graph = catalogue.graph
    reached: set[str] = set()
    waiting = [node]
    while waiting:
        current = waiting.pop()
        before = (*graph.requires(current), *(n for n in graph.after(current) if n in enabled))
        waiting.extend(name for name in before if name not in reached)
        reached.update(before)
    return [name for name in graph.order if name in reached]


def _connection_blockers(catalogue: ProviderCatalogue, facts: ChainFacts) -> list[Blocker]:
    title = catalogue.provider.title
    match facts.state:
        case ConnectionState.NOT_CONNECTED:
            return [
                Blocker(
                    reason=Reason.NOT_CONNECTED,
                    subject=str(facts.connection),
                    title=title,
                    description=f"Connect {title}.",
                )
            ]
        case ConnectionState.RECONNECT_REQUIRED:
            return [access_lost(facts.connection, title)]
        case ConnectionState.CONNECTED:
            return []


def _toggle_blockers(catalogue: ProviderCatalogue, facts: ChainFacts, node: str) -> list[Blocker]:
    spec = catalogue.nodes[node]
    if node in facts.enabled or not isinstance(spec, ModuleSpec):
        return []
    return [
        Blocker(
            reason=Reason.MODULE_OFF,
            subject=node,
            title=spec.title,
            description=f"Turn {spec.toggle.title} on.",
        )
    ]


def _prerequisite_blockers(
    catalogue: ProviderCatalogue, facts: ChainFacts, node: str
) -> list[Blocker]:
    complete = complete_nodes(catalogue, facts)
    return [
        Blocker(
            reason=Reason.PREREQUISITE_INCOMPLETE,
            subject=name,
            title=catalogue.nodes[name].title,
            description=_advice(catalogue, facts, name),
        )
        for name in prerequisites(catalogue, facts.enabled, node)
        if name not in complete
    ]


def _advice(catalogue: ProviderCatalogue, facts: ChainFacts, name: str) -> str:
    node = catalogue.nodes[name]
    if isinstance(node, ModuleSpec):
        if name in facts.enabled:
            return f"Sync {node.title} first."
        return f"Turn {node.toggle.title} on and sync {node.title} first."
    count = facts.open_mappings.get(name, 0)
    if count:
        noun = node.settles.lower().replace("_", " ")
        return f"Map {count:,} open {noun}{'' if count == 1 else 's'}."
    return f"Complete {node.title}."
