"""A workspace with customers of its own moves in, on real processes with the simulated Xero."""

import pytest

from local_stack import LocalStack
from moving_in import Crowd, MovingIn, Replica, all_customers
from syncline.v1.change_pb2 import Change
from syncline.v1.customer_pb2 import Customer
from syncline.v1.mapping_pb2 import RECORD_MAPPING_STATE_MAPPED
from syncline.v1.plan_pb2 import SyncPlan
from syncline.v1.run_pb2 import Run
from syncline_demo.story.workspace import Workspace

pytestmark = pytest.mark.slow
CROWD = Crowd(customers=500, contacts=2200, matching=300, doubtful=8)
SETTLED = 3


@pytest.fixture
def move(stack: LocalStack) -> MovingIn:
    """A workspace that has looked at the organisation's books."""
    workspace = Workspace(client=stack.client, id="mover")
    moving = MovingIn(stack=stack, crowd=CROWD, workspace=workspace, organisation="Kauri Group")
    moving.look_at_the_books()
    return moving


def test_the_feed_tells_the_whole_move(move: MovingIn) -> None:
    """Who only followed the changes, through a kill -9, knows in the end what the lists say."""
    replica = Replica(move.workspace)
    replica.start()
    bring_twice(move)
    sync_as_planned(move)
    customer = settle_some(move)
    follow_another_phone(move)

    move.mark_the_end(customer)
    replica.catch_up()

    told = [change.customer for change in replica.of(Change.KIND_CUSTOMER)]
    assert known(told) == known(list(all_customers(move.workspace)))
    assert len(replica.of(Change.KIND_CONTACT_MAPPING)) == len(move.books)


def bring_twice(move: MovingIn) -> None:
    """An import creates everybody once, however often it is made."""
    own = move.own_customers()
    first, again = move.bring(own), move.bring(own)

    assert first == {"created": 500, "updated": 0, "unchanged": 0, "refused": 0}
    assert again == {"created": 0, "updated": 0, "unchanged": 500, "refused": 0}


def sync_as_planned(move: MovingIn) -> None:
    """A sync does what its plan said, though its server is killed on the way."""
    move.connect()
    planned = {count.outcome: count.count for count in move.plan().counts}
    synced = move.sync(lambda: restart(move.stack))

    new = len(move.books) - CROWD.matching - CROWD.doubtful
    assert planned == {
        SyncPlan.OUTCOME_CREATE: new,
        SyncPlan.OUTCOME_MATCH: CROWD.matching,
        SyncPlan.OUTCOME_AMBIGUOUS: CROWD.doubtful,
        SyncPlan.OUTCOME_SKIP: CROWD.contacts - len(move.books),
    }
    assert (synced.state, synced.open_issue_count) == (Run.STATE_PARTIAL, CROWD.doubtful)
    assert (synced.counts.created, synced.counts.updated) == (new, CROWD.matching)
    assert len(list(all_customers(move.workspace))) == CROWD.customers + new


def settle_some(move: MovingIn) -> str:
    """Each assignment solves its own issue and no other; returns one of the customers."""
    issues, doubtful = move.open_issues(), move.doubtful()
    settled = [move.settle(each) for each in doubtful[:SETTLED]]
    left = move.open_issues()

    assert {each.record_id for each in issues} == {each.contact_id for each in doubtful}
    assert {each.state for each in settled} == {RECORD_MAPPING_STATE_MAPPED}
    assert {each.record_id for each in left} == {each.contact_id for each in doubtful[SETTLED:]}
    return settled[0].customer


def follow_another_phone(move: MovingIn) -> None:
    """Another phone makes the next sync a full one, and values follow the choice."""
    rereading = move.workspace.set_options(phone_field="MOBILE").full_read_modules
    move.wait_out_the_cooldown()
    run = move.sync()

    assert list(rereading) == ["contacts"]
    assert run.counts.fetched == CROWD.contacts
    assert run.counts.updated >= SETTLED


def restart(stack: LocalStack) -> None:
    """Kill the server and start it again."""
    stack.kill("server")
    stack.start("server")


def known(customers: list[Customer]) -> dict[str, tuple[str, str, str]]:
    """Return what would differ if a change had been missed."""
    return {each.name: (each.etag, each.display_name, each.phone) for each in customers}
