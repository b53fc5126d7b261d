"""With one workspace's credentials, whatever is of another: driven by reflection over every method.

A method or field that is added is covered by itself. Where a method asks for a field that nobody
has said how to fill, the test fails and says so; see ``FILLS`` and ``GIVEN`` in ``probing``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any

import grpc
import pytest
import structlog
from google.protobuf.message import Message

from databases import SqliteTemplate
from harvesting import Value, canaries, harvest, inner_values, rows_of_others, values
from probing import Caller, Requests, refreshed
from reflecting import Method, Place, methods, put
from syncline_server.core.access import Role
from syncline_server.rpc.permissions import RULES
from syncline_server.storage.database import Row
from syncline_xero_simulator import SigningKey
from tenants import ORGANISATIONS, OURS, SPARE, THEIRS, Tenants, tenants

_TELLING = ("name", "parent", "etag", "query", "module", "state", "organisation", "provider")
READS = ("Get", "List", "Preflight", "Watch", "Check")
READS_FIRST = sorted(methods(), key=lambda each: not each.name.startswith(READS))
"""So that nothing we wrote down ourselves is in what they answer."""
_NEAR = 2
_A_FEW = 3
_HANDED_ON = ("error", "description")
"""Words of the caller's own that a refused consent's log line repeats."""


@dataclass(kw_only=True)
class Isolation:
    """Two lives on one server, and what may not get from one to the other."""

    world: Tenants
    channel: grpc.Channel
    values: list[Value]
    canaries: frozenset[str]
    requests: Requests
    logs: list[Any]
    organisation_id: str
    stored: set[str] = field(default_factory=set)
    """What we have written down ourselves while trying."""
    _turn: int = field(default=0)

    @cached_property
    def tried(self) -> re.Pattern[str]:
        """What is ever tried or made up: records of ours hold what they were given before."""
        secrets = [(each.secret, each.made_up_secret) for each in self.values]
        plain = {*chain(*secrets)}
        # Texts of messages escape the quotation marks of etags.
        forms = {*plain, *(each.replace('"', r"\"") for each in plain)}
        longest_first = sorted(forms, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first)))

    def rows_of_others(self) -> dict[str, list[Row]]:
        """Return all that is stored and not ours."""
        return rows_of_others(self.world.database, OURS, self.organisation_id)

    def caller(self, role: Role) -> Caller:
        """Return somebody who may be this in our workspace and nothing in theirs."""
        return Caller(self.channel, self.world.token(role, OURS))

    def lines(self) -> list[dict[str, object]]:
        """Return what was logged of our calls, without words of our own that are handed on."""
        return [
            {key: value for key, value in line.items() if key not in _HANDED_ON}
            for line in self.logs
            if line.get("request_id") == "probe"
        ]

    def worth_trying(self, place: Place, *, is_name: bool) -> list[Value]:
        """Return what to try at a place: everything where it may lead to something, else a few."""
        if is_near(place) and not is_name:
            return self.values
        self._turn += _A_FEW
        turned = [self.values[(self._turn + n) % len(self.values)] for n in range(_A_FEW)]
        names = [each for each in self.values if each.is_name]
        return [*names, *turned] if is_name else [*names[:_A_FEW], *turned]


@pytest.fixture(autouse=True)
def silent_logs() -> None:
    """Leave the lines to the one who looks at all of them."""


@pytest.fixture(scope="module")
def signing_key() -> SigningKey:
    """Make a key once: it is the only slow part of a simulator."""
    return SigningKey.generate()


@pytest.fixture(scope="module")
def isolation(
    tmp_path_factory: pytest.TempPathFactory,
    sqlite_template: SqliteTemplate,
    signing_key: SigningKey,
) -> Iterator[Isolation]:
    """Both workspaces, each after a full life; ours has organisations to choose from, too."""
    folder = tmp_path_factory.mktemp("isolation")
    with (
        structlog.testing.capture_logs() as logs,
        tenants(sqlite_template.url(folder), folder, signing_key) as world,
        grpc.insecure_channel(world.address) as channel,
    ):
        yield _lived(world, channel, logs)


def _lived(world: Tenants, channel: grpc.Channel, logs: list[Any]) -> Isolation:
    with world.workspace(THEIRS) as them, world.workspace(OURS) as us:
        for workspace in (them, us):
            world.live(workspace)
        us.set_toggles(invoices=False)
        us.set_toggles(items=False, contacts=False)
        world.connect(us, ORGANISATIONS[OURS], SPARE)
        pending = world.pending(them)
        organisation_id = us.get_connection().organisation.id
    theirs = harvest(
        Caller(channel, world.token(Role.ADMIN, THEIRS), "theirs"), THEIRS, world.receipt(THEIRS)
    )
    admin = Caller(channel, world.token(Role.ADMIN, OURS))
    ours = harvest(admin, OURS, world.receipt(OURS))
    state = Value(kind="state of a consent", text=pending.state, secret=pending.state)
    return Isolation(
        world=world,
        channel=channel,
        values=[*values(theirs, ours), *inner_values(world.database), state],
        canaries=canaries(world.database, theirs, ours) | {pending.state},
        requests=Requests(caller=admin, workspace=OURS, names=ours.names),
        logs=logs,
        organisation_id=organisation_id,
    )


def is_ruled(method: Method, place: Place) -> bool:
    """Return whether the workspace in a place is what permits the call."""
    return ".".join(place) in RULES[method.path].paths


def is_near(place: Place) -> bool:
    """Return whether what stands at a place may lead to something that is stored."""
    is_telling = place[-1] in _TELLING or place[-1].endswith(("_token", "_id"))
    return len(place) == 1 or (is_telling and len(place) <= _NEAR)


def leaked(isolation: Isolation, said: str, asked: str = "") -> list[str]:
    """Return what is the other workspace's in what was said, and did not come from us."""
    found = [each for each in isolation.canaries if each in said and each not in asked]
    return [each for each in found if not any(each in mine for mine in isolation.stored)]


def test_there_is_something_to_find(isolation: Isolation) -> None:
    """The other workspace has things of every kind, tokens and texts, and they are tried out."""
    kinds = {each.kind for each in isolation.values}

    assert {
        *(f"their {each}" for each in ("workspaces", "connections", "settings", "runs")),
        *(f"our {each}" for each in ("customers", "products", "taxCodes", "invoices", "runs")),
        *(f"our {each}" for each in ("contactMappings", "itemMappings", "invoiceLinks")),
        "their issues",
        "ListCustomersResponse.next_page_token",
        "ListRunsResponse.next_page_token",
        "WatchChangesResponse.resume_token",
        "Organisation.id",
        "Organisation.display_name",
        "Customer.email",
        "state of a consent",
    } <= kinds
    assert len(isolation.canaries) > 100


@pytest.mark.parametrize("method", READS_FIRST, ids=lambda each: each.name)
def test_nothing_of_another_workspace_is_reached(isolation: Isolation, method: Method) -> None:
    """Whatever is tried anywhere is answered as if it were made up, tells and changes nothing."""
    admin = isolation.caller(Role.ADMIN)
    base = isolation.requests.complete(method)
    before = isolation.rows_of_others()
    isolation.logs.clear()

    for place in method.places:
        is_name = is_ruled(method, place) or isolation.requests.takes_name(method, base, place)
        for value in isolation.worth_trying(place, is_name=is_name):
            code = _probe(isolation, admin, method, base, place, value)
            if is_name and value.is_their_name:
                assert code == "PERMISSION_DENIED", (place, value.kind)

    assert isolation.rows_of_others() == before
    assert len(isolation.lines()) >= admin.calls
    assert [line for line in isolation.lines() if leaked(isolation, repr(line))] == []
    if not method.name.startswith(READS):
        isolation.stored |= {each.text for each in isolation.values}


def _probe(
    isolation: Isolation, caller: Caller, method: Method, base: Message, place: Place, value: Value
) -> str:
    """Try a value at a place and the same made up; return the code of both answers."""
    where = f"{method.name} {'.'.join(place)} {value.kind}"
    found = caller.ask(method, put(refreshed(base), place, value.text))
    made_up = caller.ask(method, put(refreshed(base), place, value.made_up))

    assert found.without(isolation.tried) == made_up.without(isolation.tried), where
    assert leaked(isolation, found.text, value.text) == [], where
    return found.code


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.SERVICE])
def test_no_role_reaches_further(isolation: Isolation, role: Role) -> None:
    """Names of the other workspace are denied to every role, in the same words for all of them."""
    caller = isolation.caller(role)
    said: set[tuple[str, str]] = set()

    for method in methods():
        base = isolation.requests.complete(method)
        for path in RULES[method.path].paths:
            for value in isolation.values:
                if value.is_their_name:
                    answer = caller.ask(
                        method, put(refreshed(base), tuple(path.split(".")), value.text)
                    )
                    said.add((answer.code, answer.text))

    assert {code for code, _ in said} == {"PERMISSION_DENIED"}
    assert len(said) <= len(("not here", "not an operator", "not an admin"))
    assert not any(leaked(isolation, text) for _, text in said)
