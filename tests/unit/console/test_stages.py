import pytest

from syncline.v1.error_reason_pb2 import ErrorReason
from syncline.v1.integration_pb2 import Blocker, Connection, Node, Organisation, Toggle
from syncline.v1.run_pb2 import RecordKind, Run
from syncline_console.advice import Guide
from syncline_console.fragments import Looker
from syncline_console.people import Role
from syncline_console.stages import stage_of, summary_of
from syncline_console.standing import Standing
from syncline_console.templates import listed

MISSING = ErrorReason.ERROR_REASON_PREREQUISITE_INCOMPLETE
AWAY = ErrorReason.ERROR_REASON_RECONNECT_REQUIRED
RUNNING = Run(name="workspaces/acme/runs/r1", state=Run.STATE_RUNNING)
WAITING = Run(name="workspaces/acme/runs/r1", state=Run.STATE_WAITING)


def module(id_: str, *blockers: str, enabled: bool = True, **fields: object) -> Node:
    """Return a module that these nodes block."""
    return Node(
        id=id_,
        title=id_.title(),
        kind=Node.KIND_MODULE,
        toggle=id_,
        enabled=enabled,
        ready=enabled and not blockers,
        blockers=[Blocker(reason=MISSING, subject=each) for each in blockers],
        **fields,
    )


def step(id_: str, *blockers: str, **fields: object) -> Node:
    """Return a step about tax rates that these nodes block."""
    found = module(id_, *blockers, **fields)
    found.kind, found.record_kind = Node.KIND_MANUAL_STEP, RecordKind.RECORD_KIND_TAX_RATE
    return found


def standing(*nodes: Node, state: int | None = None) -> Standing:
    """Return how a connection with these nodes stands."""
    connection = Connection(
        name="workspaces/acme/connections/xero",
        provider_title="Xero",
        state=Connection.STATE_CONNECTED if state is None else state,
    )
    toggles = [Toggle(id=node.toggle, title=f"Sync {node.title}") for node in nodes]
    return Standing(connection=connection, modules=nodes, toggles=toggles)


@pytest.mark.parametrize(
    ("node", "stage"),
    [
        (module("a", enabled=False), "off"),
        (module("a", complete=True), "done"),
        (module("a", active_run=RUNNING), "running"),
        (module("a", complete=True, active_run=RUNNING), "running"),
        (module("a"), "next"),
        (module("a", "b"), "blocked"),
        (module("a", "b", complete=True), "blocked"),
        (Node(enabled=True, complete=True, blockers=[Blocker(reason=AWAY)]), "done"),
    ],
    ids=["off", "done", "first-run", "again", "next", "blocked", "lost-ground", "reconnect"],
)
def test_each_node_has_a_stage(node: Node, stage: str) -> None:
    """What was done stays done while access is gone, and is blocked when its ground is gone."""
    assert stage_of(node) == stage


STORIES = {
    "off": ([module("rates", enabled=False)], "Choose below what to sync; Rates comes first."),
    "start": (
        [module("rates"), step("mapping", "rates")],
        "Next: start Rates. Then comes Mapping.",
    ),
    "map": (
        [
            module("rates", complete=True),
            step("mapping", open_mappings=3),
            module("items", "mapping"),
            module("contacts", "mapping"),
            module("push", "mapping", "items", "contacts"),
        ],
        "Next: map 3 open tax rates. Then Items and Contacts can sync.",
    ),
    "beside": (
        [module("items"), module("contacts"), module("push", "items", "contacts")],
        "Next: start Items and Contacts. Then Push can sync.",
    ),
    "one-runs": (
        [module("items", active_run=RUNNING), module("contacts"), module("push", "items")],
        "Items is syncing. Next: start Contacts. Then Push can sync.",
    ),
    "all-run": (
        [module("items", active_run=RUNNING), module("push", "items")],
        "Items is syncing. Then Push can sync.",
    ),
    "paused": ([module("items", active_run=WAITING)], "Items is paused."),
    "both-paused": (
        [module("items", active_run=WAITING), module("contacts", active_run=WAITING)],
        "Items and Contacts are paused and go on by themselves.",
    ),
    "failed": (
        [module("items", complete=True, last_run=Run(state=Run.STATE_FAILED))],
        "Everything has synced before, but Items failed last time.",
    ),
    "issues": (
        [module("items", complete=True, last_run=Run(open_issue_count=3))],
        "Everything has synced; the last syncs left 3 issues to settle.",
    ),
    "done": (
        [module("items", complete=True)],
        "Everything that is switched on has synced, and the last syncs left no issues.",
    ),
}


BROKEN = {
    "cancelled": (("CANCELLED",), "A was cancelled"),
    "two-cancelled": (("CANCELLED", "CANCELLED"), "A and B were cancelled"),
    "both": (("CANCELLED", "FAILED", "FAILED"), "B and C failed and A was cancelled"),
}


@pytest.mark.parametrize(("states", "told"), BROKEN.values(), ids=BROKEN.keys())
def test_what_did_not_run_through_last_time_is_not_well(states: tuple[str, ...], told: str) -> None:
    """However complete everything is, a last run that failed or was cancelled is named."""
    runs = [Run(state=Run.State.Value(f"STATE_{each}")) for each in states]
    nodes = [module("abc"[at], complete=True, last_run=run) for at, run in enumerate(runs)]

    found = summary_of(standing(*nodes))

    assert found.text == f"Everything has synced before, but {told} last time."
    assert not found.is_good


@pytest.mark.parametrize(("nodes", "text"), STORIES.values(), ids=STORIES.keys())
def test_sentence_says_where_a_workspace_stands(nodes: list[Node], text: str) -> None:
    """It names what to do now and what that makes possible."""
    assert summary_of(standing(*nodes)).text.endswith(text)


@pytest.mark.parametrize(
    ("state", "enabled", "text"),
    [
        (Connection.STATE_NOT_CONNECTED, False, "Connect Xero first, then switch on what to sync."),
        (Connection.STATE_NOT_CONNECTED, True, "Connect Xero first, then start Rates."),
        (
            Connection.STATE_RECONNECT_REQUIRED,
            True,
            "Reconnect Xero: nothing is synced until then.",
        ),
    ],
    ids=["new", "disconnected", "reconnect"],
)
def test_sentence_is_about_the_connection_first(state: int, *, enabled: bool, text: str) -> None:
    """Nothing else matters while there is no access."""
    assert summary_of(standing(module("rates", enabled=enabled), state=state)).text == text


def test_sentence_asks_for_the_choice_that_waits() -> None:
    """Who approved several organisations is told to choose one."""
    found = standing(state=Connection.STATE_NOT_CONNECTED)
    found.connection.candidates.append(Organisation(id="1"))

    assert summary_of(found).text == "Choose which organisation of Xero to connect."


ITEMS = module("items")
SAID = "As the server says."
ADVICE = {
    "connect": ("NOT_CONNECTED", "x", SAID, "#connection"),
    "reconnect": ("RECONNECT_REQUIRED", "x", SAID, "#connection"),
    "off": ("MODULE_OFF", "items", SAID, "#toggles"),
    "map": ("PREREQUISITE_INCOMPLETE", "mapping", SAID, "/tax-mapping"),
    "sync": ("PREREQUISITE_INCOMPLETE", "items", SAID, "#sync-items"),
    "wait": ("PREREQUISITE_INCOMPLETE", "busy", "Wait until Busy has synced.", "#sync-busy"),
    "both": ("PREREQUISITE_INCOMPLETE", "rates", SAID, "#toggles"),
    "ending": ("PREREQUISITE_INCOMPLETE", "ending", SAID, "#toggles"),
    "running": ("RUN_ACTIVE", "busy", SAID, "#sync-busy"),
    "other": ("SOMETHING_NEW", "items", SAID, ""),
    "gone": ("MODULE_OFF", "gone", SAID, ""),
}


@pytest.mark.parametrize(("reason", "subject", "text", "place"), ADVICE.values(), ids=ADVICE.keys())
def test_blockers_are_told_with_what_to_do_and_where(
    reason: str, subject: str, text: str, place: str
) -> None:
    """As the server tells it, but for what somebody has begun; with a way where one is known."""
    nodes = (
        module("rates", enabled=False),
        step("mapping", open_mappings=1),
        ITEMS,
        module("busy", active_run=RUNNING),
        module("ending", enabled=False, active_run=RUNNING),
    )
    looker = Looker(workspace="acme", provider="xero", role=Role.VIEWER)
    guide = Guide(standing=standing(*nodes), looker=looker)

    found = guide.about(reason, subject, SAID)

    assert (found.text, found.path.removeprefix(looker.path())) == (text, place)


def test_titles_are_listed_as_in_a_sentence() -> None:
    """One, two and three of them."""
    assert [listed("a"), listed("ab"), listed("abc")] == ["a", "a and b", "a, b and c"]
