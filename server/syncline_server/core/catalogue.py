"""What is installed: providers, their modules and steps, checked and frozen."""

from collections.abc import Mapping
from dataclasses import dataclass

from syncline_sdk import ManualStep, ModuleSpec, Option, Provider, RecordKind, Setting, Toggle
from syncline_server.core.graph import Graph

Node = ModuleSpec | ManualStep


@dataclass(frozen=True, kw_only=True)
class ProviderCatalogue:
    """One provider with everything that hangs on it. Build it with ``registry.load``."""

    provider: Provider
    nodes: Mapping[str, Node]
    """Modules and steps by name, in the order of the chain: prerequisites first."""
    graph: Graph
    is_moved: bool = False
    """Whether its addresses are not its own but an operator's, such as a simulator's."""

    @property
    def modules(self) -> Mapping[str, ModuleSpec]:
        """The nodes that run, by name."""
        return {name: node for name, node in self.nodes.items() if isinstance(node, ModuleSpec)}

    @property
    def toggles(self) -> Mapping[str, Toggle]:
        """Every switch by name, in the order of the chain."""
        return {module.toggle.name: module.toggle for module in self.modules.values()}

    @property
    def settings(self) -> Mapping[str, Setting]:
        """Every declared setting by name."""
        return {
            setting.name: setting for module in self.modules.values() for setting in module.settings
        }

    def options(self, module: str) -> Mapping[str, Option]:
        """Return the options a trigger of this module may carry, by name."""
        return {option.name: option for option in self.modules[module].options}

    def masters(self, kind: RecordKind) -> tuple[ModuleSpec, ...]:
        """Return the modules that move records of this kind from the provider to us."""
        return tuple(
            module
            for module in self.modules.values()
            if module.kind is kind and module.direction == "PULL"
        )


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Every provider by name."""

    providers: Mapping[str, ProviderCatalogue]
