"""The composition root: the only place that constructs and wires.

What comes from outside (time, network, waiting, randomness) is one value, so that tests hand in
their own.
"""

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
