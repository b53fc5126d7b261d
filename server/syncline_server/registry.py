"""Loads plugins: the only user of pluggy. Refuses what does not fit, freezes the rest."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import EntryPoint, entry_points

import pluggy

from syncline_sdk import (
    Direction,
    ManualStep,
    ModuleSpec,
    Option,
    OptionKind,
    Plugin,
    Provider,
    RecordKind,
    Value,
    hookspecs,
)
from syncline_sdk.hosts import mistakes_in
from syncline_server.core.catalogue import Catalogue, Node, ProviderCatalogue
from syncline_server.core.graph import Edges, Graph, GraphError
from syncline_server.core.record_fields import OWNABLE

_SETTLED_BY_PEOPLE = (RecordKind.TAX_RATE,)
_CREATED = (RecordKind.CONTACT, RecordKind.ITEM)
_GROUP = "syncline"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


class PluginRefused(Exception):  # noqa: N818 - a refusal, raised to whoever starts the server
    """A plugin cannot be used; the message names its distribution and the reason."""


@dataclass(frozen=True)
class Source:
    """One plugin with where it came from."""

    distribution: str
    plugin: Plugin


def load(disabled: Iterable[str] = ()) -> Catalogue:
    """Load every installed plugin.

    :param disabled: entry points to leave out.
    :raises PluginRefused: one of them is broken, or one to leave out is not installed.
    """
    points = _installed()
    unwanted = set(disabled)
    known = {point.name for point in points}
    if strange := ", ".join(sorted(unwanted - known)):
        raise PluginRefused(
            f"SYNCLINE_DISABLED_PLUGINS: {strange} is not installed;"
            f" installed are {', '.join(sorted(known)) or 'none'}"
        )
    return catalogue(_called(point) for point in points if point.name not in unwanted)


def catalogue(sources: Iterable[Source]) -> Catalogue:
    """Check plugins as a whole and freeze them.

    :raises PluginRefused: names clash, edges lead nowhere or in a circle, or a name is malformed.
    """
    gathered = _Gathering()
    for source in sources:
        gathered.add(source)
    gathered.refuse_strays()
    return Catalogue(
        providers={name: gathered.provider(name) for name in sorted(gathered.providers)}
    )


def _installed() -> list[EntryPoint]:
    return sorted(entry_points(group=_GROUP), key=lambda point: point.name)


def _called(point: EntryPoint) -> Source:
    distribution = point.dist.name if point.dist else point.value
    manager = pluggy.PluginManager(_GROUP)
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(point.load(), name=point.name)
        manager.check_pending()
        answers = manager.hook.syncline_plugin()
    except Exception as error:  # a plugin may fail in any way; the operator needs the whole story
        raise PluginRefused(
            f"{distribution}: its plugin {point.name} does not load:"
            f" {type(error).__name__}: {error}"
        ) from error
    if len(answers) != 1 or not isinstance(answers[0], Plugin):
        raise PluginRefused(
            f"{distribution}: {point.value} must implement syncline_plugin and return a Plugin"
        )
    return Source(distribution, answers[0])


class _Gathering:
    """What has been taken so far, with who brought it, so that a clash names both."""

    def __init__(self) -> None:
        self.providers: dict[str, Source] = {}
        self.nodes: dict[str, dict[str, tuple[Source, Node]]] = {}

    def add(self, source: Source) -> None:
        _check_types(source)
        for provider in source.plugin.providers:
            _check_name(source, "provider", provider.name)
            _refuse_console(source, provider.name)
            _check_hosts(source, provider)
            self._refuse_twice(self.providers.get(provider.name), source, provider.name)
            self.providers[provider.name] = source
        nodes: tuple[Node, ...] = (*source.plugin.modules, *source.plugin.steps)
        for node in nodes:
            _check_node(source, node)
            mine = self.nodes.setdefault(node.provider, {})
            taken = mine.get(node.name)
            self._refuse_twice(taken and taken[0], source, f"{node.provider}/{node.name}")
            mine[node.name] = (source, node)

    def refuse_strays(self) -> None:
        """Refuse nodes of a provider that nobody brings."""
        for provider in sorted(self.nodes.keys() - self.providers.keys()):
            for name, (source, _) in self.nodes[provider].items():
                raise PluginRefused(
                    f"{source.distribution}: {name} belongs to provider {provider},"
                    " which is not installed"
                )

    def provider(self, name: str) -> ProviderCatalogue:
        owner = self.providers[name]
        (provider,) = (each for each in owner.plugin.providers if each.name == name)
        brought = self.nodes.get(name, {})
        _refuse_unlike(brought.values())
        nodes = {each: node for each, (_, node) in brought.items()}
        graph = _graph(brought)
        ordered = {each: nodes[each] for each in graph.order}
        return ProviderCatalogue(provider=provider, nodes=ordered, graph=graph)

    @staticmethod
    def _refuse_twice(taken: Source | None, source: Source, name: str) -> None:
        if taken:
            raise PluginRefused(
                f"{source.distribution}: {name} is already brought by {taken.distribution}"
            )


def _check_types(source: Source) -> None:
    """Refuse a plugin whose lists hold something else than they are declared to."""
    expected = {"providers": Provider, "modules": ModuleSpec, "steps": ManualStep}
    for what, kind in expected.items():
        for each in getattr(source.plugin, what):
            if not isinstance(each, kind):
                raise PluginRefused(
                    f"{source.distribution}: {what} holds a {type(each).__name__},"
                    f" not a {kind.__name__}"
                )


def _check_name(source: Source, what: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise PluginRefused(f"{source.distribution}: {what} name {name!r} must be lower snake case")


def _refuse_console(source: Source, name: str) -> None:
    """Refuse a provider whose variables would be taken for the console's."""
    if f"{name}_".startswith("console_"):
        raise PluginRefused(
            f"{source.distribution}: provider name {name!r} may not be console or begin with"
            " console_: variables that begin with SYNCLINE_CONSOLE_ are the console's"
        )


def _check_hosts(source: Source, provider: Provider) -> None:
    if found := mistakes_in(provider):
        raise PluginRefused(f"{source.distribution}: {provider.name}: {'; '.join(found)}")


def _check_node(source: Source, node: Node) -> None:
    _check_name(source, "node", node.name)
    _check_name(source, "provider", node.provider)
    if isinstance(node, ModuleSpec):
        _check_module(source, node)
    elif node.settles not in _SETTLED_BY_PEOPLE:
        raise PluginRefused(
            f"{source.distribution}: {node.name} settles {node.settles}; people settle only"
            f" {', '.join(_SETTLED_BY_PEOPLE)}"
        )


def _check_module(source: Source, module: ModuleSpec) -> None:
    _check_name(source, "toggle", module.toggle.name)
    if module.cooldown < timedelta():
        raise PluginRefused(f"{source.distribution}: {module.name} has a negative cooldown")
    if module.takes_targets and module.direction is Direction.PUSH:
        raise PluginRefused(
            f"{source.distribution}: {module.name} cannot take targets; only what pulls can"
        )
    if module.creates and (module.direction is Direction.PUSH or module.kind not in _CREATED):
        raise PluginRefused(
            f"{source.distribution}: {module.name} cannot create; only what pulls contacts or"
            " items can"
        )
    if module.census and module.direction is Direction.PUSH:
        raise PluginRefused(
            f"{source.distribution}: {module.name} cannot be compared; only what pulls can"
        )
    for declared in (module.settings, module.options):
        _check_options(source, module, declared)
    _check_owned(source, module)


def _check_owned(source: Source, module: ModuleSpec) -> None:
    """Refuse a field that nothing could hold to, and a condition that never holds."""
    names = [field.name for field in module.owned]
    known = OWNABLE.get(module.kind, {}) if module.direction is Direction.PULL else {}
    for field in module.owned:
        if field.name not in known or names.count(field.name) > 1:
            raise PluginRefused(
                f"{source.distribution}: {module.name} cannot own {field.name!r}; it can own, each"
                f" once: {', '.join(known) or 'nothing'}"
            )
        if field.setting and field.unless not in _choices(module, field.setting):
            raise PluginRefused(
                f"{source.distribution}: {module.name} owns {field.name} unless {field.setting} is"
                f" {field.unless!r}, which is no choice of a setting of its own"
            )


def _choices(module: ModuleSpec, name: str) -> tuple[Value, ...]:
    """Return what can be chosen for a setting; nothing where it is none, or of another kind."""
    for setting in module.settings:
        if setting.name == name:
            return (True, False) if setting.kind is OptionKind.BOOLEAN else setting.choices
    return ()


def _check_options(source: Source, module: ModuleSpec, declared: Sequence[Option]) -> None:
    names = [option.name for option in declared]
    for option in declared:
        _check_name(source, "option", option.name)
        if names.count(option.name) > 1:
            raise PluginRefused(
                f"{source.distribution}: {module.name} declares {option.name} twice"
            )
        if option.choice_titles and len(option.choice_titles) != len(option.choices):
            raise PluginRefused(
                f"{source.distribution}: {module.name} must give {option.name} as many titles as"
                " choices, or none"
            )


def _graph(brought: Mapping[str, tuple[Source, Node]]) -> Graph:
    edges = {name: Edges(node.requires, node.after) for name, (_, node) in brought.items()}
    try:
        return Graph(edges)
    except GraphError as error:
        culprits = sorted({brought[name][0].distribution for name in error.nodes})
        raise PluginRefused(f"{', '.join(culprits)}: {error}") from None


def _refuse_unlike(nodes: Iterable[tuple[Source, Node]]) -> None:
    """Refuse modules that declare the same toggle or setting in different ways."""
    seen: dict[tuple[str, str], tuple[Source, object]] = {}
    for source, node in nodes:
        for key, value in _shared(node):
            first, declared = seen.setdefault(key, (source, value))
            if declared != value:
                raise PluginRefused(
                    f"{source.distribution}: {key[0]} {key[1]} of {node.name} differs from the"
                    f" one {first.distribution} declares"
                )


def _shared(node: Node) -> list[tuple[tuple[str, str], object]]:
    if not isinstance(node, ModuleSpec):
        return []
    settings = [(("setting", setting.name), setting) for setting in node.settings]
    return [(("toggle", node.toggle.name), node.toggle), *settings]
