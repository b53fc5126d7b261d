"""Syncs: start one, watch it, cancel it, and what the last one came to."""

from collections.abc import Mapping
from typing import Any, Final

from syncline_console.fragments import Fragment, Looker
from syncline_console.standing import Standing


def _syncs(standing: Standing, _looker: Looker) -> Mapping[str, Any]:
    return {"nodes": standing.modules}


SYNCS: Final = Fragment(id="syncs", gather=_syncs)
ROUTES: Final = ()
