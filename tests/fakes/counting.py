"""A database that counts the statements it runs."""

from collections.abc import Sequence

from syncline_server.storage.database import Database


class Counting(Database):
    """Counts the statements it runs.

    :param engine: of a database that is open.
    """

    count = 0

    def _run(self, query: str, parameters: Sequence[object]) -> object:
        self.count += 1
        return super()._run(query, parameters)

    def execute_many(self, sql: str, rows: object) -> None:
        """Run one statement for many rows."""
        self.count += 1
        super().execute_many(sql, rows)  # type: ignore[arg-type]  # passed on as it came
