"""Runs by a workspace's intervals: what is due, in the order of the chain."""

from collections.abc import Sequence

from syncline_sdk import Trigger
from syncline_server.core import automatic
from syncline_server.core.model import ConnectionRow
from syncline_server.core.names import Connection
from syncline_server.services.chain import automatic_of
from syncline_server.services.unprompted import UnpromptedRuns
from syncline_server.storage import runs
from syncline_server.storage import settings as settings_rows


class AutomaticSyncs(UnpromptedRuns):
    """Starts the modules whose time has come and whose ground is ready."""

    trigger = Trigger.AUTOMATIC

    def _candidates(self) -> Sequence[Connection]:
        return settings_rows.with_intervals(self._database)

    def _due(self, row: ConnectionRow) -> list[str]:
        catalogue = self._chain.provider(row.key)
        settings = settings_rows.get(self._database, row.key)
        facts = self._chain.facts(row, settings)
        timed = automatic_of(self._database, row, settings, self._clock())
        busy = {run.scope.module for run in runs.active_of(self._database, row.key)}
        found = []
        for module in catalogue.modules:
            is_due = module in timed and timed[module].next_time <= self._clock()
            held = module in busy or automatic.holds(catalogue, facts, module, busy)
            if is_due and not held:
                found.append(module)
                busy.add(module)
        return found
