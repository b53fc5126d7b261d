"""Wiring what concerns whole workspaces, and how long what is in them stays."""

import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from syncline_server.app.outside import Outside
from syncline_server.config import Config
from syncline_server.core.catalogue import Catalogue
from syncline_server.core.names import Connection
from syncline_server.core.notices import Notice
from syncline_server.core.organisations import Organisation
from syncline_server.rpc.exporting import Places
from syncline_server.rpc.messages.export import ExportedMessages
from syncline_server.services.chain import Chain
from syncline_server.services.erasures import Erasures
from syncline_server.services.exports import Exports
from syncline_server.services.invoices import Invoices
from syncline_server.services.organisations import find_organisation
from syncline_server.services.record_views import RecordViews
from syncline_server.services.retention import Retention, Spans
from syncline_server.services.tax_mappings import TaxMappings
from syncline_server.services.workspace_contents import WorkspaceContents
from syncline_server.storage.database import Database


@dataclass(frozen=True, kw_only=True)
class Workspaces:
    """What exports, erases and forgets."""

    exports: Exports
    erasures: Erasures
    retention: Retention
    folder: Path
    """Where archives lie while they are handed out."""
    places: Places
    """Where they are made for callers."""
    stopping: threading.Event

    def spool(self) -> IO[bytes]:
        """Return a file that nobody else can open, and that is gone when it is closed."""
        return tempfile.TemporaryFile(dir=self.folder)


def build_workspaces(
    config: Config, outside: Outside, database: Database, catalogue: Catalogue, chain: Chain
) -> Workspaces:
    """Wire it."""
    stopping = threading.Event()
    spans = Spans(
        runs=config.run_history, webhooks=config.webhook_history, audit=config.audit_history
    )
    return Workspaces(
        exports=_exports(outside, database, catalogue, chain),
        erasures=Erasures(
            database=database,
            clock=outside.clock,
            make_id=outside.make_id,
            wait=outside.wait,
            is_over=stopping.is_set,
        ),
        retention=Retention(
            database=database,
            clock=outside.clock,
            spans=spans,
            wait=outside.wait,
            is_over=stopping.is_set,
        ),
        folder=config.data_folder,
        places=Places(),
        stopping=stopping,
    )


def _exports(outside: Outside, database: Database, catalogue: Catalogue, chain: Chain) -> Exports:
    def find(connection: Connection) -> Organisation | None:
        return find_organisation(database, connection)

    contents = WorkspaceContents(
        database=database,
        catalogue=catalogue,
        chain=chain,
        views=RecordViews(database, chain.find_master),
        invoices=Invoices(database, outside.clock, outside.make_id),
        tax_mappings=TaxMappings(database, outside.clock, find, _nobody),
    )
    render = ExportedMessages(catalogue).line
    return Exports(database=database, contents=contents, render=render, clock=outside.clock)


def _nobody(_notice: Notice) -> None:
    """Tell nobody: reading changes nothing."""
