"""How a connection's state is told to people."""

from dataclasses import dataclass
from typing import Final

from syncline.v1.integration_pb2 import Allowance, Connection


@dataclass(frozen=True, kw_only=True)
class State:
    """A state in words."""

    word: str
    tone: str
    """Class of the badge."""


_STATES: Final = {
    Connection.STATE_CONNECTED: State(word="Connected", tone="good"),
    Connection.STATE_RECONNECT_REQUIRED: State(word="Reconnect required", tone="bad"),
}
_NONE: Final = State(word="Not connected", tone="mute")
_LIMITS: Final = {
    Allowance.LIMIT_CONCURRENT: "the limit of calls at once",
    Allowance.LIMIT_MINUTE: "the limit of a minute",
    Allowance.LIMIT_DAY: "the limit of a day",
    Allowance.LIMIT_APP_MINUTE: "the limit of a minute for all organisations together",
}


def state_of(connection: Connection) -> State:
    """Return how a connection stands, in words."""
    return _STATES.get(connection.state, _NONE)


def limit_of(allowance: Allowance) -> str:
    """Return for what calls were refused; empty when the provider did not say."""
    return _LIMITS.get(allowance.closed_by, "")
