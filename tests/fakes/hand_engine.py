"""The engine that belongs to a database, with its timers and its workers turned by hand."""

from datetime import timedelta

from clockwork import Clockwork
from hand_timetable import HandTimetable
from syncline_server.engine.embedded import EmbeddedEngine
from syncline_server.engine.engine import Engine, ExecuteRun
from syncline_server.engine.fleet import FleetEngine
from syncline_server.engine.job_worker import Pace
from syncline_server.storage import jobs
from syncline_server.storage.database import Database

TAKEOVER = timedelta(hours=1)


class HandWorker:
    """A Procrastinate worker that fetches and finishes jobs as the real one, when it is told to.

    All workers before it have been silent for long, as those of dead processes.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        database.tuples(
            "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 day'"
            " RETURNING id"
        )
        ((self._id,),) = database.tuples("SELECT worker_id FROM procrastinate_register_worker_v1()")

    def work(self, engine: FleetEngine) -> bool:
        """Carry out one job, if there is one; whoever is killed leaves it as it is."""
        query = "SELECT id, args FROM procrastinate_fetch_job_v2(ARRAY[?]::varchar[], ?)"
        ((job, arguments),) = self._database.tuples(query, (jobs.QUEUE, self._id))
        if job is None:
            return False
        try:
            engine.perform(arguments["run"])
        except Exception:
            self._finish(job)
            raise
        self._finish(job)
        return True

    def _finish(self, job: int) -> None:
        finish = "SELECT procrastinate_finish_job_v1(?, 'succeeded', TRUE)"
        self._database.tuples(finish, (job,))


class HandEngine:
    """Embedded on SQLite, one of a fleet on PostgreSQL, as the server chooses them."""

    def __init__(self, database: Database, clock: Clockwork, execute: ExecuteRun) -> None:
        self.timetable = HandTimetable()
        self._clock = clock
        self.engine: Engine
        if database.is_sqlite:
            self.engine = EmbeddedEngine(database, self.timetable, execute)
            return
        self.engine = FleetEngine(
            database=database,
            timetable=self.timetable,
            clock=clock,
            execute=execute,
            url="",
            pace=Pace(workers=0, takeover=TAKEOVER),
        )
        self._worker = HandWorker(database)

    def turn(self) -> None:
        """Let everything happen that is due, until nothing is left."""
        self.timetable.work(self._clock())
        while self._fetches(self.engine):
            self.timetable.work(self._clock())

    def _fetches(self, engine: Engine) -> bool:
        if not isinstance(engine, FleetEngine) or engine._stopping.is_set():
            return False
        return self._worker.work(engine)
