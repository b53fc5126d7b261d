import time
from datetime import timedelta
from types import SimpleNamespace

import pytest

from syncline.v1.integration_pb2 import Connection, Node
from syncline_console.fragments import Looker
from syncline_console.people import Role
from syncline_console.standing import Standing
from syncline_console.statics import Statics
from syncline_console.templates import environment
from syncline_console.views.syncs import SYNCS

LOOKER = Looker(workspace="acme", provider="xero", role=Role.OPERATOR)


def cooling(seconds: float, *, heard_ago: float) -> Standing:
    """Return what was heard so many seconds ago: one module that cools down."""
    node = Node(id="contacts", title="Contacts", kind=Node.KIND_MODULE, enabled=True)
    node.cooldown_end_time.FromSeconds(1_000_120)
    node.cooldown_remaining.FromTimedelta(timedelta(seconds=seconds))
    heard = time.monotonic() - heard_ago
    return Standing(connection=Connection(), modules=(node,), toggles=(), heard=heard)


@pytest.mark.parametrize(
    ("ago", "words"), [(0, "1 min 40 s"), (50, "50 s"), (500, "0 s")], ids=["now", "later", "over"]
)
def test_countdown_is_of_the_moment_it_is_drawn(ago: float, words: str) -> None:
    """However long ago the server told what is left, a page shows what is left now."""
    html = SYNCS.render(environment(Statics()), cooling(100, heard_ago=ago), LOOKER, "token")
    assert f'data-ends="1000120000">{words}</span>' in html


def test_other_pages_count_the_same() -> None:
    """A page without live parts shows what is left now, too."""
    standing = cooling(100, heard_ago=50)
    template = environment(Statics()).get_template("run_soon.html")
    html = template.render(node=standing.modules[0], standing=standing, visit=SimpleNamespace())
    assert ">50\N{NO-BREAK SPACE}seconds</span>" in html
