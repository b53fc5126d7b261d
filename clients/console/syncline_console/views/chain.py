"""The chain as a picture: what is done, what is next, what is blocked and why."""

from collections.abc import Mapping
from typing import Any, Final

from syncline_console.fragments import Fragment, Looker
from syncline_console.standing import Standing


def _chain(standing: Standing, _looker: Looker) -> Mapping[str, Any]:
    return {"nodes": standing.modules}


CHAIN: Final = Fragment(id="chain", gather=_chain)
