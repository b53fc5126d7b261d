"""Servers that are killed at every step and at random: never twice, never lost.

The short form of ``make bench BENCH=kills``. What is found names the seed and the round.
"""

from pathlib import Path

import pytest

from databases import PostgresqlServer
from killed_world import world_to_kill
from killing import kill_all_day

pytestmark = pytest.mark.slow
KILLS = 30


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_whatever_dies_when_nothing_is_there_twice_and_nothing_is_lost(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    """Each wish is in Xero once, our rows say so, and nothing is left in between."""
    url = ""
    if kind == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("postgresql")
        url = server.empty()
    with world_to_kill(tmp_path / "data", url) as world:
        tally = kill_all_day(world, "suite", KILLS)

    assert tally.findings == []
    assert tally.killed >= KILLS
    assert tally.held_up > 0
    assert tally.faults.total() > 0
