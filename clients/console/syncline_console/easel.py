"""Live parts drawn for open pages: once for all who see the same."""

import asyncio
import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import jinja2

from syncline_console.events import event
from syncline_console.fragments import CSRF_PLACE, Fragment, Looker
from syncline_console.standing import Standing
from syncline_console.stations import Drawn, Station

_log: Final = logging.getLogger(__name__)


class Easel:
    """Draws what stations hold, on a thread of its own: open pages leave others' loads alone.

    :param parts: every live part there is.
    """

    def __init__(self, templates: jinja2.Environment, parts: Iterable[Fragment]) -> None:
        self._templates = templates
        self._parts = tuple(parts)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="easel")

    async def drawn(self, station: Station, looker: Looker) -> Drawn:
        """Return every part as it is now; nothing before the first answer."""
        if station.standing is None:
            return {}
        task = station.drawn.get(looker)
        if task is None:
            task = asyncio.create_task(self._draw(station.standing, looker))
            station.drawn[looker] = task
        return await asyncio.shield(task)  # others wait for it, too

    async def _draw(self, standing: Standing, looker: Looker) -> Drawn:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._all, standing, looker)

    def _all(self, standing: Standing, looker: Looker) -> Drawn:
        drawn = {}
        for part in self._parts:
            try:
                html = part.render(self._templates, standing, looker, CSRF_PLACE)
            except Exception:  # noqa: BLE001 - one that cannot be drawn takes no other along
                _log.exception("live part %s", part.id)
            else:
                drawn[part.id] = event("part", str(html))
        return drawn
