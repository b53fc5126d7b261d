"""Putting together what a list is filtered by."""

from collections.abc import Sequence

from syncline_server.core.matching import key


class Where:
    """Conditions that all hold, with their parameters.

    :param condition: the first one.
    :param parameters: its parameters.
    """

    def __init__(self, condition: str, *parameters: object) -> None:
        self._conditions = [condition]
        self.parameters: list[object] = [*parameters]

    def __str__(self) -> str:
        return " AND ".join(self._conditions)

    def add(self, condition: str, *parameters: object) -> None:
        """Add a condition."""
        self._conditions.append(condition)
        self.parameters += parameters

    def one_of(self, column: str, values: Sequence[str]) -> None:
        """Add that a column has one of these values; none of them means any value will do."""
        if values:
            self.add(f"{column} IN ({', '.join('?' for _ in values)})", *values)

    def external_id(self, external_id: str) -> None:
        """Add that a record has this id in the caller's own system; an empty one means any."""
        if external_id:
            # What the index is made for has to be said: it leaves out empty ones.
            self.add("external_id = ? AND external_id <> ''", external_id)

    def containing(self, text: str, *columns: str) -> None:
        """Add that one of the columns contains a text; an empty text means any will do.

        :param columns: of compared text, or expressions that give it.
        """
        if pattern := contained(text):
            self.add(any_like(*columns), *[pattern for _ in columns])


def contained(text: str) -> str:
    """Return what :func:`any_like` finds a text anywhere by; empty for an empty one."""
    escaped = key(text).replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{escaped}%" if escaped else ""


def any_like(*columns: str) -> str:
    """Return a condition that one of the columns is like a parameter each."""
    parts = [f"{column} LIKE ? ESCAPE '!'" for column in columns]
    return f"({' OR '.join(parts)})"
