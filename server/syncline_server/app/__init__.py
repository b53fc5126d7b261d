"""The composition root: the only place that constructs and wires.

What comes from outside (time, network, waiting, randomness) is one value, so that tests hand in
their own. The names below are looked up when they are first asked for: whoever wires parts of a
server without its gRPC side does not load gRPC, and may fork.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syncline_server.app.build import (
        DATABASE,
        ENGINE,
        App,
        Backstage,
        Worker,
        build_app,
        build_worker,
        load_catalogue,
    )
    from syncline_server.app.outside import Outside, make_secret, now

__all__ = [
    "DATABASE",
    "ENGINE",
    "App",
    "Backstage",
    "Outside",
    "Worker",
    "build_app",
    "build_worker",
    "load_catalogue",
    "make_secret",
    "now",
]
_OUTSIDE = ("Outside", "make_secret", "now")


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{'outside' if name in _OUTSIDE else 'build'}"), name)
