"""Toggles: what is synced, what each also turns on, and what holds it on."""

from collections.abc import Mapping
from typing import Any, Final

from syncline_console.fragments import Fragment, Looker
from syncline_console.standing import Standing


def _toggles(standing: Standing, _looker: Looker) -> Mapping[str, Any]:
    return {"toggles": standing.toggles}


TOGGLES: Final = Fragment(id="toggles", gather=_toggles)
ROUTES: Final = ()
