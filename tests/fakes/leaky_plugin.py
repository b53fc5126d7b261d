"""A plugin that puts whatever it can get hold of into the text of an exception."""

from pathlib import Path

_MODULE = """
from dataclasses import replace

import syncline_xero
from syncline_sdk import hookimpl


def leak(ctx):
    response = ctx.http.get("TaxRates")
    raise ValueError(f"{response.request.headers} was answered {response.text}")


@hookimpl
def syncline_plugin():
    plugin = syncline_xero.syncline_plugin()
    modules = (
        replace(each, run=leak) if each.name == "tax_rates" else each for each in plugin.modules
    )
    return replace(plugin, modules=tuple(modules))
"""
_METADATA = "Metadata-Version: 2.1\nName: leaky\nVersion: 1\n"
_ENTRY_POINTS = "[syncline]\nleaky = leaky\n"


def install(folder: Path) -> dict[str, str]:
    """Write it into a folder; return the variables with which a server has it instead of Xero's."""
    about = folder / "leaky-1.dist-info"
    about.mkdir(parents=True)
    (folder / "leaky.py").write_text(_MODULE)
    (about / "METADATA").write_text(_METADATA)
    (about / "entry_points.txt").write_text(_ENTRY_POINTS)
    return {"PYTHONPATH": str(folder), "SYNCLINE_DISABLED_PLUGINS": "xero"}
