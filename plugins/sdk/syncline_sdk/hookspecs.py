"""The one hook a plugin implements, and the marker to implement it with."""

from __future__ import annotations

import pluggy

from syncline_sdk.specs import Plugin

hookspec = pluggy.HookspecMarker("syncline")
hookimpl = pluggy.HookimplMarker("syncline")
"""Mark a function called ``syncline_plugin`` with this to have the server call it."""


@hookspec
def syncline_plugin() -> Plugin:  # type: ignore[empty-body]  # a hook specification has no body
    """Return everything this plugin adds.

    Called once when the server starts, before anything is served. No network, no files: the
    answer is data. The server checks it as a whole; a plugin that is refused is named together
    with its distribution and the reason, and the server does not start without it.
    """
