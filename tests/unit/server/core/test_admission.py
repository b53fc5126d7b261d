from datetime import UTC, datetime, timedelta

import pytest

from scripted_modules import books, module
from syncline_server.core import admission
from syncline_server.core.errors import (
    Aborted,
    FailedPrecondition,
    Reason,
    Refusal,
    ResourceExhausted,
)
from syncline_server.core.model import ConnectionState
from syncline_server.core.names import Connection, Scope
from syncline_server.core.readiness import ChainFacts

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
CHAIN = books(module("rates"), module("items", requires=["rates"], cooldown=timedelta(seconds=5)))
READY = {
    "state": ConnectionState.CONNECTED,
    "enabled": frozenset({"rates", "items"}),
    "succeeded": frozenset({"rates"}),
}
BUSY = {"active_run_id": "run7", "cooldown_end": NOW + timedelta(seconds=3)}


def admit(**changes: object) -> datetime:
    """Ask for a run of items; ``changes`` are of the facts or of the request."""
    facts = {**READY, "open_mappings": {}, "connection": Connection("acme", "books")}
    request = {
        "scope": Scope(Connection("acme", "books"), "items"),
        "now": NOW,
        "active_run_id": None,
        "cooldown_end": None,
    }
    facts.update({key: value for key, value in changes.items() if key in facts})
    request.update({key: value for key, value in changes.items() if key in request})
    return admission.admit(
        CHAIN,
        ChainFacts(**facts),  # type: ignore[arg-type]  # built by name
        admission.Request(**request),  # type: ignore[arg-type]  # built by name
    )


def test_ready_module_is_admitted_and_told_its_cooldown() -> None:
    """Nothing in the way: the cooldown is the module's own, from now."""
    assert admit() == NOW + timedelta(seconds=5)


@pytest.mark.parametrize(
    ("changes", "kind", "reasons"),
    [
        pytest.param(
            {"state": ConnectionState.NOT_CONNECTED, "enabled": frozenset(), **BUSY},
            FailedPrecondition,
            ["NOT_CONNECTED", "MODULE_OFF", "PREREQUISITE_INCOMPLETE"],
            id="not-connected-first",
        ),
        pytest.param(
            {"state": ConnectionState.RECONNECT_REQUIRED, "enabled": frozenset(), **BUSY},
            FailedPrecondition,
            ["RECONNECT_REQUIRED", "MODULE_OFF", "PREREQUISITE_INCOMPLETE"],
            id="reconnect-required-next",
        ),
        pytest.param(
            {"enabled": frozenset({"rates"}), **BUSY},
            FailedPrecondition,
            ["MODULE_OFF"],
            id="off-next",
        ),
        pytest.param(
            {"succeeded": frozenset(), **BUSY},
            FailedPrecondition,
            ["PREREQUISITE_INCOMPLETE"],
            id="prerequisites-next",
        ),
        pytest.param(BUSY, Aborted, ["RUN_ACTIVE"], id="active-next"),
        pytest.param(
            {"cooldown_end": BUSY["cooldown_end"]}, ResourceExhausted, ["COOLDOWN"], id="cooling"
        ),
    ],
)
def test_refusals_come_in_one_order(
    changes: dict[str, object], kind: type[Refusal], reasons: list[str]
) -> None:
    """Ground first (all of it at once), then an active run, then the cooldown."""
    with pytest.raises(kind) as refused:
        admit(**changes)

    assert refused.value.reason == reasons[0]
    if isinstance(refused.value, FailedPrecondition):
        assert [blocker.reason for blocker in refused.value.blockers] == reasons
        assert all(b.description in refused.value.message for b in refused.value.blockers)


def test_active_run_is_named() -> None:
    """Whoever comes second is told which run to watch."""
    with pytest.raises(Aborted) as refused:
        admit(active_run_id="run7")

    assert refused.value.resource == "workspaces/acme/runs/run7"
    assert refused.value.metadata["run"] == "workspaces/acme/runs/run7"


@pytest.mark.parametrize(
    ("left", "told", "sentence"),
    [
        (timedelta(seconds=3), timedelta(seconds=3), "3 s"),
        (timedelta(seconds=2, milliseconds=1), timedelta(seconds=2, milliseconds=1), "3 s"),
        (timedelta(milliseconds=400), timedelta(milliseconds=400), "1 s"),
        (timedelta(microseconds=1), timedelta(milliseconds=1), "1 s"),
    ],
)
def test_time_left_is_exact_and_never_none(left: timedelta, told: timedelta, sentence: str) -> None:
    """A program is told the exact rest, a person whole seconds that are never too short."""
    with pytest.raises(ResourceExhausted) as refused:
        admit(cooldown_end=NOW + left)

    assert refused.value.retry_after == told
    assert refused.value.message.endswith(f"try again in {sentence}.")


def test_cooldown_is_over_at_its_very_end() -> None:
    """At the instant the cooldown ends the next trigger is taken."""
    assert admit(cooldown_end=NOW)


def test_start_asks_the_same_ground_and_nothing_else() -> None:
    """A run about to start is refused by its ground, with every blocker."""
    known = ChainFacts(
        connection=Connection("acme", "books"),
        state=ConnectionState.NOT_CONNECTED,
        enabled=frozenset(),
        succeeded=frozenset(),
        open_mappings={},
    )

    with pytest.raises(FailedPrecondition) as refused:
        admission.refuse_unready(CHAIN, known, "items")

    assert refused.value.reason is Reason.NOT_CONNECTED
    subjects = "workspaces/acme/connections/books,items,rates"
    assert refused.value.metadata == {"subjects": subjects, "module": "items"}
