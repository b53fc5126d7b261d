"""What embedded mode has beyond what both engines do; see test_engine and test_kills for that."""

from collections.abc import Callable

from clockwork import Clockwork
from hand_timetable import HandTimetable
from syncline_server.core.model import Run
from syncline_server.engine.embedded import EmbeddedEngine
from syncline_server.storage.database import Database


def test_a_run_is_executed_by_one_thread_at_a_time(database: Database) -> None:
    """A second call for a run that is executing executes nothing; a later one does."""
    timetable, clock, executed = HandTimetable(), Clockwork(), list[str]()

    def execute(run_id: str, _stopping: Callable[[], bool]) -> Run | None:
        executed.append(run_id)
        if len(executed) == 1:
            engine.enqueue("run")
            timetable.work(clock())
            assert executed == ["run"]
        return None

    engine = EmbeddedEngine(database, timetable, execute)
    engine.enqueue("run")
    timetable.work(clock())
    assert executed == ["run"]

    engine.enqueue("run")
    timetable.work(clock())
    assert executed == ["run", "run"]
