"""A provider called Books with modules whose work is a function the test writes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import httpx

from syncline_sdk import (
    Addresses,
    Allowance,
    Direction,
    Identity,
    Limits,
    ManualStep,
    ModuleSpec,
    Option,
    Organisation,
    Plugin,
    Provider,
    RecordKind,
    RunContext,
    Setting,
    Toggle,
)
from syncline_server.core.catalogue import Catalogue, Node, ProviderCatalogue
from syncline_server.registry import Source, catalogue
from told import told_webhooks

BOOKS = "books"
Work = Callable[[RunContext], None]


def nothing(_ctx: RunContext) -> None:
    """Succeed without doing anything."""


class Scripted:
    """A module's function that plays its acts in order, one per call, and then only succeeds."""

    def __init__(self, *acts: Work) -> None:
        self._acts = list(acts)
        self.seen: list[RunContext] = []
        """What each call was given."""

    def __call__(self, ctx: RunContext) -> None:
        """Play the next act."""
        self.seen.append(ctx)
        if self._acts:
            self._acts.pop(0)(ctx)

    def then(self, *acts: Work) -> None:
        """Add acts behind the last one."""
        self._acts.extend(acts)


def provider(name: str = BOOKS) -> Provider:
    """Return a provider that no call of these tests ever reaches."""
    return Provider(
        name=name,
        title=name.title(),
        addresses=Addresses(
            authorize="https://books.example/authorize",
            token="https://books.example/token",
            revocation="https://books.example/revocation",
            api="https://books.example/api/",
        ),
        scopes=("records",),
        limits=Limits(per_minute=60, concurrent=5),
        identify=_identify,
        list_organisations=_list_organisations,
        disconnect=_disconnect,
        organisation_headers=_organisation_headers,
        read_allowance=_read_allowance,
        webhooks=told_webhooks(),
    )


def module(  # noqa: PLR0913 - a declaration: every part has a default
    name: str,
    *,
    requires: Sequence[str] = (),
    after: Sequence[str] = (),
    toggle: str = "",
    cooldown: timedelta = timedelta(seconds=60),
    run: Work = nothing,
    settings: Sequence[Setting] = (),
    options: Sequence[Option] = (),
    of: str = BOOKS,
    kind: RecordKind = RecordKind.CONTACT,
    takes_targets: bool = False,
) -> ModuleSpec:
    """Return a module; its toggle has its own name unless another is given."""
    switch = toggle or name
    return ModuleSpec(
        provider=of,
        name=name,
        title=f"Module {name}",
        direction=Direction.PULL,
        kind=kind,
        toggle=Toggle(name=switch, title=f"Sync {switch}"),
        cooldown=cooldown,
        run=run,
        requires=tuple(requires),
        after=tuple(after),
        settings=tuple(settings),
        options=tuple(options),
        takes_targets=takes_targets,
    )


def step(
    name: str, *, requires: Sequence[str] = (), after: Sequence[str] = (), of: str = BOOKS
) -> ManualStep:
    """Return a manual step that settles tax rates."""
    return ManualStep(
        provider=of,
        name=name,
        title=f"Step {name}",
        settles=RecordKind.TAX_RATE,
        requires=tuple(requires),
        after=tuple(after),
    )


def plugin(*nodes: Node, providers: Sequence[Provider] = ()) -> Plugin:
    """Return a plugin of these modules and steps, and these providers."""
    return Plugin(
        providers=tuple(providers),
        modules=tuple(node for node in nodes if isinstance(node, ModuleSpec)),
        steps=tuple(node for node in nodes if isinstance(node, ManualStep)),
    )


def installed(*nodes: Node) -> Catalogue:
    """Return what the registry makes of Books with these nodes."""
    return catalogue([Source("books-plugin", plugin(*nodes, providers=[provider()]))])


def books(*nodes: Node) -> ProviderCatalogue:
    """Return the same for the provider alone."""
    return installed(*nodes).providers[BOOKS]


def _identify(_claims: Mapping[str, object]) -> Identity:
    return Identity(subject="person", event="event")


def _list_organisations(_http: httpx.Client, _identity: Identity) -> Sequence[Organisation]:
    return ()


def _disconnect(_http: httpx.Client, _connection_id: str) -> None:
    return None


def _organisation_headers(_organisation_id: str) -> Mapping[str, str]:
    return {}


def _read_allowance(_response: httpx.Response) -> Allowance:
    return Allowance()
