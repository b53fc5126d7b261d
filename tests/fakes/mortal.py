"""A database whose process is killed at a chosen step."""

from collections.abc import Iterable, Sequence

from syncline_server.storage.database import Database


class Killed(BaseException):
    """The process is gone; nobody catches this."""


class MortalDatabase(Database):
    """Dies before its nth statement that writes; everything of that transaction is lost.

    :param database: the one to speak to.
    :param statement: the number of the statement to die before, from 1.
    """

    def __init__(self, database: Database, statement: int) -> None:
        super().__init__(database.engine)
        self.left = statement

    def execute(self, query: str, parameters: Sequence[object] = ()) -> int:
        """Count a statement, or die before it."""
        self.step()
        return super().execute(query, parameters)

    def execute_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Count a statement, or die before it."""
        self.step()
        super().execute_many(sql, rows)

    def step(self) -> None:
        """Count one step.

        :raises Killed: when it is the one to die at.
        """
        self.left -= 1
        if self.left == 0:
            raise Killed
