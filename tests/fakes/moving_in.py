"""A workspace that moves in: its own customers first, then those of its Xero organisation.

What ``tests/e2e/test_moving_in.py`` holds at a small size and ``make bench BENCH=moving`` measures
at a large one.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, islice

from local_stack import PATIENCE, LocalStack
from setting_up import connect, finish
from syncline.v1.change_pb2 import Change
from syncline.v1.customer_pb2 import Customer
from syncline.v1.integration_pb2 import TriggerSyncRequest
from syncline.v1.mapping_pb2 import (
    RECORD_MAPPING_STATE_AMBIGUOUS,
    AssignContactMappingRequest,
    ContactMapping,
    ListContactMappingsRequest,
)
from syncline.v1.plan_pb2 import SyncPlan
from syncline.v1.record_pb2 import (
    ImportCustomersRequest,
    ListCustomersRequest,
    UpdateCustomerRequest,
    WatchChangesRequest,
)
from syncline.v1.run_pb2 import ListRunIssuesRequest, Run, RunIssue
from syncline_client import follow_changes
from syncline_demo.story.workspace import Workspace

_BATCH = 1000
_THE_END = "the end"


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """How many there are of everybody."""

    customers: int
    """That move in."""
    contacts: int
    """In Xero, of which every 25th is archived."""
    matching: int
    """Customers that fit one contact: a third by code, by e-mail address, by name."""
    doubtful: int
    """Contacts that two customers fit."""


class Replica:
    """What another service knows: it reads nothing but the feed of changes."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.resources: dict[str, Change] = {}
        """The newest of each resource, by name."""
        self.received = 0
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def start(self) -> None:
        """Begin to follow; returns when nothing can be missed any more."""
        self._thread.start()
        self._begun.wait(PATIENCE)

    def catch_up(self) -> None:
        """Return when everything up to the mark of :meth:`MovingIn.mark_the_end` has arrived."""
        self._thread.join(PATIENCE)
        if self._thread.is_alive():
            raise AssertionError("the feed has not caught up")

    def of(self, kind: Change.Kind.ValueType) -> list[Change]:
        """Return the newest of each resource of a kind."""
        return [change for change in self.resources.values() if change.kind == kind]

    def _follow(self) -> None:
        request = WatchChangesRequest(parent=self._workspace.name)
        for answer in follow_changes(self._workspace.client, request):
            self._begun.set()
            self.received += len(answer.changes)
            self.resources.update({change.name: change for change in answer.changes})
            if any(change.customer.notes == _THE_END for change in answer.changes):
                return


@dataclass(kw_only=True)
class MovingIn:
    """One move, step by step."""

    stack: LocalStack
    crowd: Crowd
    workspace: Workspace
    organisation: str
    books: list[Customer] = field(default_factory=list)
    """The organisation's active contacts, as customers."""

    def look_at_the_books(self) -> None:
        """Read what the organisation holds, through a workspace that leaves again."""
        size = self.crowd.contacts
        self.stack.simulator.organisation(self.organisation, country="NZ", contacts=size, items=1)
        scout = Workspace(client=self.stack.client, id=f"{self.workspace.id}-scout")
        connect(self.stack, scout, self.organisation)
        scout.set_toggles(contacts=True)
        finish(scout, "contacts")
        self.books = list(all_customers(scout))
        scout.disconnect()

    def own_customers(self) -> list[Customer]:
        """Return the customers that move in, each with an id of the system they come from."""
        numbers = count(1)
        known = iter([each for each in self.books if each.code and each.email])
        third = self.crowd.matching // 3
        own = [_stranger(next(numbers), code=each.code) for each in islice(known, third)]
        own += [_stranger(next(numbers), email=each.email.upper()) for each in islice(known, third)]
        own += [
            _stranger(next(numbers), display_name=each.display_name.upper())
            for each in islice(known, third)
        ]
        for each in islice(known, self.crowd.doubtful):
            own += [_stranger(next(numbers), email=each.email) for _ in range(2)]
        left = self.crowd.customers - len(own)
        return own + [_stranger(number) for number in islice(numbers, left)]

    def bring(self, customers: Sequence[Customer]) -> dict[str, int]:
        """Import customers in batches, and return how many had which outcome."""
        totals: dict[str, int] = {}
        for begin in range(0, len(customers), _BATCH):
            request = ImportCustomersRequest(
                parent=self.workspace.name, customers=customers[begin : begin + _BATCH]
            )
            counts = self.workspace.client.records.ImportCustomers(request).counts
            for outcome in ("created", "updated", "unchanged", "refused"):
                totals[outcome] = totals.get(outcome, 0) + getattr(counts, outcome)
        return totals

    def connect(self) -> None:
        """Connect, and turn contacts on."""
        connect(self.stack, self.workspace, self.organisation)
        self.workspace.set_toggles(contacts=True)

    def plan(self) -> SyncPlan:
        """Ask what a sync of contacts would do."""
        request = TriggerSyncRequest(
            connection=self.workspace.connection, module="contacts", validate_only=True
        )
        integrations = self.workspace.client.integrations
        return integrations.TriggerSync(request, timeout=PATIENCE).plan

    def sync(self, meanwhile: Callable[[], None] = lambda: None) -> Run:
        """Sync contacts and return the run as it ended.

        :param meanwhile: done when the run has stored its first page.
        """
        run = self.workspace.trigger("contacts")
        for seen in self.workspace.watch(run):
            if seen.counts.fetched:
                break
        meanwhile()
        *_, ended = self.workspace.watch(run)
        return ended

    def doubtful(self) -> list[ContactMapping]:
        """Return the mappings that wait for a person."""
        request = ListContactMappingsRequest(
            parent=self.workspace.connection,
            states=[RECORD_MAPPING_STATE_AMBIGUOUS],
            page_size=_BATCH,
        )
        return list(self.workspace.client.mappings.ListContactMappings(request).contact_mappings)

    def settle(self, mapping: ContactMapping) -> ContactMapping:
        """Assign the first customer that fits."""
        request = AssignContactMappingRequest(
            name=mapping.name, customer=mapping.candidates[0], etag=mapping.etag
        )
        return self.workspace.client.mappings.AssignContactMapping(request).contact_mapping

    def open_issues(self) -> list[RunIssue]:
        """Return what still waits for a person, whichever run met it."""
        request = ListRunIssuesRequest(
            parent=f"{self.workspace.name}/runs/-", unresolved_only=True, page_size=_BATCH
        )
        return list(self.workspace.client.runs.ListRunIssues(request).issues)

    def wait_out_the_cooldown(self) -> None:
        """Return when contacts can be synced by hand again."""
        left = self.workspace.node("contacts").cooldown_remaining
        time.sleep(left.ToTimedelta().total_seconds())

    def mark_the_end(self, name: str) -> None:
        """Change what is always local of a customer, behind everything else."""
        customer = Customer(name=name, notes=_THE_END)
        self.workspace.client.records.UpdateCustomer(UpdateCustomerRequest(customer=customer))


def all_customers(workspace: Workspace) -> Iterator[Customer]:
    """Yield every customer of a workspace, page by page."""
    request = ListCustomersRequest(parent=workspace.name, page_size=_BATCH)
    while True:
        answer = workspace.client.records.ListCustomers(request)
        yield from answer.customers
        if not answer.next_page_token:
            return
        request.page_token = answer.next_page_token


def _stranger(number: int, **known: str) -> Customer:
    """Return a customer nobody in Xero resembles, but for what is given."""
    own = {
        "external_id": f"CRM-{number:05d}",
        "code": f"OWN-{number:05d}",
        "display_name": f"Own customer {number:05d}",
        "email": f"office@own{number:05d}.example",
        "notes": "moved in",
    }
    return Customer(**{**own, **known})
