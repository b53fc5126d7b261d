"""A workspace with customers of its own moves in: what each step of it takes."""

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from figures import Figure
from lab import Lab
from sizes import Sizes

from moving_in import MovingIn, Replica, all_customers
from syncline.v1.change_pb2 import Change
from syncline_demo.story.workspace import Workspace

T = TypeVar("T")


def measure(lab: Lab, sizes: Sizes) -> Iterator[Figure]:
    """Yield the seconds of each step, and what came of it."""
    crowd = sizes.crowd
    with lab.server() as stack:
        workspace = Workspace(client=stack.client, id="mover")
        move = MovingIn(stack=stack, crowd=crowd, workspace=workspace, organisation="Moving Ltd")
        move.look_at_the_books()
        replica = Replica(workspace)
        replica.start()
        own = move.own_customers()
        brought, seconds = _timed(lambda: move.bring(own))
        yield _figure(f"import {crowd.customers:,} customers", seconds, _told(brought))
        again, seconds = _timed(lambda: move.bring(own))
        yield _figure("import the same again", seconds, _told(again))
        move.connect()
        lab.calls()
        plan, seconds = _timed(move.plan)
        counts = {plan.Outcome.Name(each.outcome)[8:].lower(): each.count for each in plan.counts}
        told = f"{_told(counts)}; {lab.calls()} calls made, {plan.calls} told"
        yield _figure(f"plan a sync of {crowd.contacts:,} contacts", seconds, told)
        run, seconds = _timed(move.sync)
        done = {"created": run.counts.created, "updated": run.counts.updated}
        told = f"{_told(done)}, {run.open_issue_count} open issues; {lab.calls()} calls"
        yield _figure("the sync itself", seconds, told)
        yield from _settling(move, replica)


def _settling(move: MovingIn, replica: Replica) -> Iterator[Figure]:
    doubtful = move.doubtful()
    settled, seconds = _timed(lambda: [move.settle(each) for each in doubtful[:5]])
    told = f"{len(doubtful)} doubtful before, {len(move.doubtful())} after, "
    told += f"{len(move.open_issues())} open issues"
    yield _figure(f"settle {len(settled)} by hand", seconds, told)
    move.workspace.set_options(phone_field="MOBILE")
    move.wait_out_the_cooldown()
    run, seconds = _timed(move.sync)
    yield _figure("sync again with another phone", seconds, f"{run.counts.updated} updated")
    move.mark_the_end(settled[0].customer)
    replica.catch_up()
    known = {change.name: change.customer.etag for change in replica.of(Change.KIND_CUSTOMER)}
    listed = {each.name: each.etag for each in all_customers(move.workspace)}
    same = sum(listed[name] == etag for name, etag in known.items())
    yield Figure(
        name="customers a follower of the feed does not know as the lists have them",
        measured=len(listed) - same,
        goal=0,
        told=f"{len(listed)} listed; {replica.received} changes received",
    )


def _timed(step: Callable[[], T]) -> tuple[T, float]:
    begin = time.perf_counter()
    return step(), time.perf_counter() - begin


def _told(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)


def _figure(name: str, seconds: float, told: str) -> Figure:
    return Figure(name=name, measured=seconds, unit="s", told=told)
