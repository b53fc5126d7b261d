"""A database behind whose queries somebody else acts."""

from collections.abc import Callable, Sequence

from syncline_server.storage.database import Database, Row


class Meanwhile(Database):
    """Has somebody act once, right behind the next query."""

    act: Callable[[], object] | None = None
    behind = ""
    """What the query has to hold; any will do when empty."""

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Return what was there, and act."""
        found = super().rows(query, parameters)
        if self.act and self.behind in query:
            act, self.act = self.act, None
            act()
        return found
