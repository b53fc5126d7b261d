"""Which toggles are on: enabling reaches upwards, disabling never orphans."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from syncline_sdk import ModuleSpec
from syncline_server.core.catalogue import ProviderCatalogue
from syncline_server.core.errors import Blocker, FailedPrecondition, Reason


@dataclass(frozen=True)
class Change:
    """The outcome of a change of toggles."""

    on: frozenset[str]
    also_enabled: tuple[str, ...]
    """Toggles that were turned on without being asked for, in the order of the chain."""


def enabled_nodes(catalogue: ProviderCatalogue, on: Iterable[str]) -> frozenset[str]:
    """Return the modules whose toggle is on, and the steps all of whose requirements are."""
    switched = set(on)
    enabled: set[str] = set()
    for name, node in catalogue.nodes.items():  # prerequisites come first
        if isinstance(node, ModuleSpec):
            if node.toggle.name in switched:
                enabled.add(name)
        elif enabled.issuperset(node.requires):
            enabled.add(name)
    return frozenset(enabled)


def also_on(catalogue: ProviderCatalogue, toggles: Iterable[str]) -> frozenset[str]:
    """Return every toggle that is on when these are: themselves and all they require."""
    reached = frozenset(toggles)
    while True:
        modules = _modules_of(catalogue, reached)
        needed = reached | _toggles_of(catalogue, catalogue.graph.needed_by(modules))
        if needed == reached:
            return reached
        reached = needed


def locked_by(catalogue: ProviderCatalogue, on: Iterable[str], toggle: str) -> tuple[str, ...]:
    """Return the toggles that are on and require this one, in the order of the chain."""
    others = (other for other in catalogue.toggles if other in set(on) and other != toggle)
    return tuple(other for other in others if toggle in also_on(catalogue, (other,)))


def change(catalogue: ProviderCatalogue, on: frozenset[str], wanted: Mapping[str, bool]) -> Change:
    """Return what a change of toggles comes to.

    :param on: what is on before.
    :param wanted: the toggles to set; others follow only where they are required.
    :raises FailedPrecondition: a toggle that is to be off is required by one that stays on.
    """
    asked_on = {name for name, value in wanted.items() if value}
    asked_off = {name for name, value in wanted.items() if not value}
    kept = (on | asked_on) - asked_off
    result = also_on(catalogue, kept)
    blockers = [
        blocker
        for name in catalogue.toggles
        if name in asked_off & result
        for blocker in _blockers(catalogue, kept, name)
    ]
    if blockers:
        raise FailedPrecondition(_sentence(blockers), blockers)
    added = result - on - asked_on
    return Change(result, tuple(name for name in catalogue.toggles if name in added))


def _blockers(catalogue: ProviderCatalogue, on: Iterable[str], toggle: str) -> list[Blocker]:
    title = catalogue.toggles[toggle].title
    return [
        Blocker(
            reason=Reason.TOGGLE_LOCKED,
            subject=dependent,
            title=catalogue.toggles[dependent].title,
            description=(
                f"{catalogue.toggles[dependent].title} needs {title}:"
                f" turn {catalogue.toggles[dependent].title} off first."
            ),
        )
        for dependent in locked_by(catalogue, on, toggle)
    ]


def _sentence(blockers: Iterable[Blocker]) -> str:
    return " ".join(blocker.description for blocker in blockers)


def _modules_of(catalogue: ProviderCatalogue, toggles: frozenset[str]) -> frozenset[str]:
    return frozenset(
        name for name, module in catalogue.modules.items() if module.toggle.name in toggles
    )


def _toggles_of(catalogue: ProviderCatalogue, nodes: Iterable[str]) -> frozenset[str]:
    modules = catalogue.modules
    return frozenset(modules[node].toggle.name for node in nodes if node in modules)
