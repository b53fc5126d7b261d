"""One module's card: how its sync stands, what can be done, and why something cannot."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

from syncline.v1.integration_pb2 import Node, OptionSpec
from syncline.v1.run_pb2 import RecordKind, Run
from syncline_console.advice import Advice, Guide
from syncline_console.people import Role
from syncline_console.run_errors import Trouble, trouble
from syncline_console.run_states import handled, outcomes, share, state_of
from syncline_console.stages import Stage, stage_of

_REQUESTS: Final = UUID("8c0f2f51-5a55-4dd5-8b6f-5e1f7a0a3c57")
"""What the ids of our requests are derived from."""
_MINUTE: Final = 60


@dataclass(frozen=True, kw_only=True)
class Card:
    """What is shown of one module."""

    node: Node
    direction: str
    word: str
    tone: str
    """Of the badge with the word."""
    holds: Sequence[Advice]
    """What must be done before it can be started."""
    is_next: bool
    """Whether it is for a person to start it next."""
    can_start: bool
    """Whether the person may start it now."""
    may_start: bool
    """Whether the person may start it at all."""
    seconds_left: int
    """Until it can be started again; 0 where nothing holds it."""
    request_id: UUID
    progress: str
    """How far the active run is; empty without one."""
    done_thousandths: int
    """The same as a share; 0 while it is not known."""
    result: str
    """What became of the records of the run that ended last."""
    last_word: str
    """How the last run ended; empty where the badge says so."""
    trouble: Trouble | None
    options: Sequence[OptionSpec]
    may_be_collapsed: bool
    """Whether the last run may have found most of what is known here missing."""
    automatic_holds: Sequence[Advice]

    @property
    def cannot_start(self) -> bool:
        """Whether waiting does not help; where it does, the button keeps the focus."""
        return not self.may_start or bool(self.holds)

    @property
    def is_push(self) -> bool:
        """Whether it sends records, so that there is nothing to read."""
        return self.node.direction == Node.DIRECTION_PUSH

    @property
    def is_for_invoices(self) -> bool:
        """Whether invoices can be chosen for it, on a page of their own."""
        return self.node.record_kind == RecordKind.RECORD_KIND_INVOICE

    @property
    def cooldown_left(self) -> str:
        """How long until it can be started again, as the page counts it down."""
        minutes, seconds = divmod(self.seconds_left, _MINUTE)
        return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def card_of(node: Node, guide: Guide) -> Card:
    """Return the card of a module."""
    holds = guide.advise(node.blockers)
    may_start = guide.looker.may(Role.OPERATOR)
    is_free = not node.HasField("active_run") and not node.HasField("cooldown_end_time")
    word, tone = _standing(node)
    last = state_of(node.last_run).word
    is_pull = node.direction != Node.DIRECTION_PUSH
    return Card(
        node=node,
        direction=_direction(node, guide.standing.connection.provider_title),
        word=word,
        tone=tone,
        holds=holds,
        is_next=stage_of(node) is Stage.NEXT,
        can_start=may_start and is_free and node.ready,
        may_start=may_start,
        seconds_left=guide.standing.seconds_left(node),
        request_id=request_id(node, guide.standing.connection.organisation.id),
        progress=handled(node.active_run.counts, node.direction)
        if node.HasField("active_run")
        else "",
        done_thousandths=share(node.active_run.counts),
        result=_result(node),
        last_word="" if word == last else last.lower(),
        trouble=trouble(node.last_run, guide) if node.HasField("last_run") else None,
        options=() if node.record_kind == RecordKind.RECORD_KIND_INVOICE else node.options,
        may_be_collapsed=is_pull and _may_be_collapsed(node),
        automatic_holds=guide.advise(node.automatic.held_by),
    )


def request_id(node: Node, organisation: str) -> UUID:
    """Return the id under which a module is started as it stands now.

    It stays until a run has ended, so a form that is sent twice, from a page that is drawn again
    or from another tab, starts one run; afterwards it is another one.

    :param organisation: the provider's id of the one that is connected.
    """
    return uuid5(_REQUESTS, f"{node.name}\n{organisation}\n{node.last_run.name}")


def _direction(node: Node, provider: str) -> str:
    if node.direction == Node.DIRECTION_PUSH:
        return f"Orderverse → {provider}"
    return f"{provider} → Orderverse"


def _standing(node: Node) -> tuple[str, str]:
    """Return the word for how a module stands, and its tone."""
    if node.HasField("active_run"):
        return _shown(node.active_run)
    match stage_of(node):
        case Stage.OFF:
            return "Off", "mute"
        case Stage.BLOCKED:
            return "Blocked", "wait"
        case _ if node.blockers:
            return "Blocked", "wait"
        case _ if node.HasField("last_run"):
            return _shown(node.last_run)
        case _:
            return "Never synced", "info"


def _shown(run: Run) -> tuple[str, str]:
    state = state_of(run)
    return state.word, state.tone


def _result(node: Node) -> str:
    if not node.HasField("last_run"):
        return ""
    empty = "Nothing to send" if node.direction == Node.DIRECTION_PUSH else "Nothing had changed"
    has_ended_well = node.last_run.state == Run.STATE_SUCCEEDED
    return ", ".join(outcomes(node.last_run.counts)) or (empty if has_ended_well else "")


def _may_be_collapsed(node: Node) -> bool:
    """Return whether the last run may have been one that took nothing for gone.

    Such a run has an open issue and has the next one read everything; its page tells for sure.
    """
    run = node.last_run
    return run.state == Run.STATE_PARTIAL and run.open_issue_count > 0 and node.next_full_read
