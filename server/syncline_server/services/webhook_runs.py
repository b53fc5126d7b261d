"""Runs that read what providers told: one for each module that events wait for."""

from collections.abc import Sequence

from syncline_sdk import ModuleSpec, RecordKind, Trigger
from syncline_server.core import readiness
from syncline_server.core.model import ConnectionRow
from syncline_server.core.names import Connection, Scope
from syncline_server.core.webhooks import rests
from syncline_server.services.unprompted import UnpromptedRuns
from syncline_server.storage import runs, webhook_events
from syncline_server.storage import settings as settings_rows


class WebhookRuns(UnpromptedRuns):
    """Starts the modules that events wait for and whose ground is ready.

    While a run of a module works, or of one it builds on, its events wait for the end of that.
    """

    trigger = Trigger.WEBHOOK

    def _candidates(self) -> Sequence[Connection]:
        return webhook_events.waiting_connections(self._database)

    def _due(self, row: ConnectionRow) -> list[str]:
        catalogue = self._chain.provider(row.key)
        waiting = webhook_events.waiting_modules(self._database, row)
        facts = self._chain.facts(row, settings_rows.get(self._database, row.key))
        busy = {run.scope.module for run in runs.active_of(self._database, row.key)}
        found = []
        for module in catalogue.modules:  # prerequisites come first
            ground = {module, *readiness.prerequisites(catalogue, facts.enabled, module)}
            begun = module in facts.succeeded or _refreshes(catalogue.modules[module])
            if module not in waiting or not begun or busy & ground:
                continue
            last = runs.newest(self._database, Scope(row.key, module))
            if rests(last, row.generation, waiting[module], self._clock()):
                continue
            if not readiness.blockers(catalogue, facts, module):
                found.append(module)
                busy.add(module)
        return found


def _refreshes(module: ModuleSpec) -> bool:
    """Return whether a module only brings up to date what was sent from here.

    One that makes records does not begin with a few of them, before anybody has run it.
    """
    return module.kind is RecordKind.INVOICE
