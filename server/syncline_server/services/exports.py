"""Everything a workspace holds, as one archive: read at one moment, a page at a time."""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Final
from urllib.parse import quote

import structlog

from syncline_server.core.clock import Clock
from syncline_server.core.data_inventory import INVENTORY
from syncline_server.services.workspace_contents import Part, WorkspaceContents
from syncline_server.storage.database import Database

log = structlog.get_logger(__name__)

FORMAT: Final = 1
"""Of the archive; counted up when a reader has to know."""
_LEVEL: Final = 6

Render = Callable[[str, object], tuple[str, str]]
"""Returns the name of the message a thing of a kind is shown as, and it as JSON on one line."""
Tell = Callable[[str, int], None]
"""Is told the file that was written, and how many lines it has."""


class ExportAbandoned(Exception):  # noqa: N818 - named by what is the case
    """Nobody waits for the archive any more."""


@dataclass(frozen=True, kw_only=True)
class File:
    """One file of an archive."""

    path: str
    message: str
    """Full name of the message each line is; empty for a file without lines."""
    count: int
    bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Exports:
    """Writes archives.

    :param render: how things are shown to callers; see :data:`Render`.
    """

    database: Database
    contents: WorkspaceContents
    render: Render
    clock: Clock

    def announce(self) -> None:
        """Have the audit trail tell who asked, before anything leaves."""
        with self.database.transaction():
            pass  # the first of an act carries its entry

    def write(
        self,
        workspace: str,
        target: IO[bytes],
        *,
        is_awaited: Callable[[], bool] = lambda: True,
        tell: Tell = lambda _path, _count: None,
    ) -> list[File]:
        """Write a workspace's archive and return what is in it.

        One transaction reads all of it, so that what belongs together fits; writers go on.

        :param target: a file that can be written in order; it need not be able to go back.
        :param is_awaited: asked with every page; False ends it.
        :raises ExportAbandoned: nobody waits for it.
        """
        files = []
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
            with self.database.snapshot():
                now = self.clock()
                for part in self.contents.parts(workspace):
                    files.append(self._add(archive, part, now, is_awaited))
                    tell(files[-1].path, files[-1].count)
            with archive.open(_entry("manifest.json", now), "w") as manifest:
                manifest.write(_manifest(workspace, now, files))
        log.info("exported", action="exported", workspace=workspace, files=len(files))
        return files

    def _add(
        self,
        archive: zipfile.ZipFile,
        part: Part,
        now: datetime,
        is_awaited: Callable[[], bool],
    ) -> File:
        path = f"{'/'.join(quote(each, safe='') for each in part.path)}.jsonl"
        digest, count, size, message = hashlib.sha256(), 0, 0, ""
        with archive.open(_entry(path, now), "w", force_zip64=True) as file:
            for line, message in self._lines(part, is_awaited):  # noqa: B007 - the last one's
                file.write(line)
                digest.update(line)
                count, size = count + 1, size + len(line)
        return File(path=path, message=message, count=count, bytes=size, sha256=digest.hexdigest())

    def _lines(self, part: Part, is_awaited: Callable[[], bool]) -> Iterator[tuple[bytes, str]]:
        for page in part.pages:
            if not is_awaited():
                raise ExportAbandoned
            for each in page:
                message, text = self.render(part.kind, each)
                yield f"{text}\n".encode(), message


def _entry(path: str, now: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, now.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def _manifest(workspace: str, now: datetime, files: Iterable[File]) -> bytes:
    left_out = {each.table: each.not_exported for each in INVENTORY if not each.exported}
    told = {
        "format": FORMAT,
        "workspace": f"workspaces/{workspace}",
        "export_time": now.isoformat().replace("+00:00", "Z"),
        "files": [vars(each) for each in files],
        "left_out": left_out,
    }
    return json.dumps(told, indent=2, ensure_ascii=False).encode() + b"\n"
