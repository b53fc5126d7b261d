"""Wiring what compares this side with the provider's."""

from datetime import timedelta

from syncline_server.app.access import Access
from syncline_server.app.work import Ground
from syncline_server.engine.parity import ParityChecks
from syncline_server.engine.planning import Planner
from syncline_server.engine.timetable import Timetable


def build_parity_checks(
    ground: Ground, access: Access, timetable: Timetable, interval: timedelta, planner: Planner
) -> ParityChecks:
    """Wire it.

    :param interval: how often each module is compared by itself; zero never.
    :param planner: whose places comparisons take as well.
    """
    return ParityChecks(
        database=ground.database,
        chain=ground.chain,
        clock=ground.outside.clock,
        open_client=access.open_client,
        lose_access=access.connections.mark_reconnect_required,
        notify=ground.notify,
        timetable=timetable,
        interval=interval,
        places=planner.places,
    )
