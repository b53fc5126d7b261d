"""Rounds of killing: lives that die at every step and at random, until one gets through.

Behind each round the simulator's own books are compared with what was wished for and with our rows.
Everything is drawn from one seed.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from killed_world import CUSTOMER, PRODUCT, World
from life import NewInvoice, NewRecord, Wishes
from life_server import Order, Report
from verdicts import Finding, findings, findings_of_world

_OVER_A_TOKENS_LIFE: Final = 31 * 60
_MOST_STEPS: Final = 600
_USUAL_STEPS: Final = 115
_MOST_DEATHS: Final = 5
_SHORT: Final = 0.3  # seconds a call may take where faults are ordered
_DELAY: Final = 0.5
_LONGEST_LIFE: Final = 0.4

_MOST_FINDINGS: Final = 20

FAULTS: Final[tuple[Mapping[str, Any], ...]] = (
    {"kind": "drop-before", "method": "PUT"},
    {"kind": "drop-after", "method": "PUT"},
    {"kind": "drop-after", "method": "PUT", "path": "/Invoices"},
    {"kind": "drop-before", "method": "GET"},
    {"kind": "drop-before", "path": "/connect/token"},
    {"kind": "drop-after", "path": "/connect/token"},
    {"kind": "delay", "method": "PUT", "seconds": _DELAY},
    {"kind": "delay", "method": "PUT", "path": "/Invoices", "seconds": _DELAY},
    {"kind": "delay", "method": "GET", "seconds": _DELAY},
    {"kind": "delay", "path": "/connect/token", "seconds": _DELAY},
    {"kind": "error-500", "method": "PUT"},
    {"kind": "error-500", "method": "GET"},
    {"kind": "error-500", "path": "/connect/token"},
    {"kind": "error-500-after", "method": "PUT"},
    {"kind": "error-500-after", "method": "PUT", "path": "/Invoices"},
    {"kind": "error-500-after", "path": "/connect/token"},
    {"kind": "maintenance"},
    {"kind": "unavailable"},
    {"kind": "truncated-json", "method": "PUT"},
    {"kind": "truncated-json", "method": "GET"},
    {"kind": "truncated-json", "path": "/connect/token"},
    {"kind": "malformed-json", "method": "PUT"},
    {"kind": "malformed-json", "method": "GET"},
    {"kind": "limit-minute", "seconds": 2},
    {"kind": "limit-concurrent"},
    {"kind": "token-expired", "path": "/api.xro"},
    {"kind": "repeated", "method": "PUT"},
    {"kind": "organisation-offline", "path": "/api.xro"},
)
"""What is drawn from; each hits one call that has this method and a path with this in it."""


@dataclass
class Tally:
    """What came of all rounds."""

    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    traps: Counter[str] = field(default_factory=Counter)
    lives: int = 0
    invoices: int = 0
    creations: int = 0
    held_up: int = 0
    findings: list[Finding] = field(default_factory=list)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            kills=self.kills + other.kills,
            faults=self.faults + other.faults,
            traps=self.traps + other.traps,
            lives=self.lives + other.lives,
            invoices=self.invoices + other.invoices,
            creations=self.creations + other.creations,
            held_up=self.held_up + other.held_up,
            findings=[*self.findings, *other.findings],
        )

    @property
    def killed(self) -> int:
        """How many lives were killed."""
        return self.kills.total()

    def count(self, kind: str) -> int:
        """Return how many findings there are of a kind."""
        return sum(finding.kind == kind for finding in self.findings)


def kill_all_day(world: World, seed: str, kills: int) -> Tally:
    """Kill so many lives: at every step where there are enough of them, the others at random.

    Half of them where Xero refuses what it has, half where it takes everything twice.
    """
    tally = Tally()
    stride = max(1, 4 * _USUAL_STEPS // kills)
    for is_strict in (True, False):
        killer = Killer(world, seed, tally, is_strict=is_strict)
        killer.at_each_step(1 + stride // 2, stride)
        if is_strict:
            killer.held_up(1 + stride // 2, 3 * stride)
        killer.at_random(max((kills // 2 if is_strict else kills) - tally.killed, 1))
    return tally


class Killer:
    """Kills lives on one database.

    :param seed: decides everything that is drawn.
    :param is_strict: whether Xero refuses what it has; where it does not, nothing but our own
        care keeps a second one away.
    """

    def __init__(self, world: World, seed: str, tally: Tally, *, is_strict: bool) -> None:
        world.switch(duplicates_refused=is_strict)
        self._world = world
        self._seed = seed
        self._tally = tally
        self._is_strict = is_strict
        self._rounds = 0
        self._steps = _USUAL_STEPS

    def at_each_step(self, begin: int = 1, stride: int = 1) -> None:
        """Kill a life at its first step, another at the next, until one gets through."""
        for step in range(begin, _MOST_STEPS, stride):
            with self._round() as (dice, wishless):
                wishes = _small(dice, wishless)
                report = self._live(wishes, Order(die_at=step))
                self._finish(wishes)
            if report.end == "done":
                self._steps = report.steps
                return
        raise AssertionError("no life got through")

    def at_random(self, kills: int) -> None:
        """Kill lives at random steps and instants, with faults, until there were so many kills."""
        end = self._tally.killed + kills
        while self._tally.killed < end:
            with self._round() as (dice, wishless):
                wishes = _large(dice, wishless)
                if self._is_strict:
                    self._set_traps(dice, wishes)
                for _ in range(dice.randint(1, _MOST_DEATHS)):
                    order = self._deadly(dice, wishes)
                    self._order_faults(dice, order)
                    self._live(wishes, order)
                    self._tally.faults += self._world.faults_used()
                    if self._is_strict:
                        self._spring(dice, wishes)
                self._finish(wishes)

    def held_up(self, begin: int = 1, stride: int = 1) -> None:
        """Hold a life up at each step, let another one do everything, and let the first go on."""
        for step in range(begin, _MOST_STEPS, stride):
            with self._round() as (dice, wishless):
                wishes = _small(dice, wishless)
                report = self._live(wishes, Order(stop_at=step))
                self._live(wishes, Order())
                if report.end == "held up":
                    self._tally.held_up += 1
                    self._world.lives.live(Order())
                self._finish(wishes)
            if report.end == "done":
                return
        raise AssertionError("no life got through")

    @contextmanager
    def _round(self) -> Iterator[tuple[random.Random, Wishes]]:
        self._rounds += 1
        dice = random.Random(f"{self._seed}/{self._rounds}")  # noqa: S311 - to be repeated
        name = f"{'s' if self._is_strict else 'l'}{self._rounds}"
        self._world.advance(_OVER_A_TOKENS_LIFE)
        yield dice, Wishes(name=name, tax_code=self._world.tax_code)

    def _live(self, wishes: Wishes, order: Order) -> Report:
        report = self._world.lives.live(msgspec.structs.replace(order, wishes=wishes))
        self._tally.lives += 1
        if report.end == "killed":
            self._tally.kills[report.step or "at an instant"] += 1
        return report

    def _finish(self, wishes: Wishes) -> None:
        """Let a life without faults bring everything to its end, and look at what there is."""
        self._world.clear_faults()
        report = self._live(wishes, Order())
        self._tally.invoices += len(wishes.invoices)
        self._tally.creations += len(wishes.customers) + len(wishes.products)
        place = f"seed {self._seed}, round {self._rounds}"
        if report.end != "done":
            self._tally.findings.append(Finding("unfinished", f"{place}: {report.error}"))
        xero = self._world.xero()
        found = [
            *findings(self._world.database, xero, wishes, self._world.others),
            *findings_of_world(self._world.database, xero),
        ]
        self._tally.findings += [
            Finding(finding.kind, f"{place}: {finding.what}") for finding in found
        ]
        if len(self._tally.findings) > _MOST_FINDINGS:
            raise AssertionError(f"all is lost: {self._tally.findings}")

    def _deadly(self, dice: random.Random, wishes: Wishes) -> Order:
        chance = dice.random()
        if chance < 0.3:
            return Order(kill_after=dice.uniform(0, _LONGEST_LIFE), seconds=_SHORT)
        if chance < 0.6:
            kind = f"{dice.choice(('before', 'during', 'behind'))} {dice.choice(_calls(wishes))}"
            return Order(die_at=dice.choice((1, 1, 1, 2)), kind=kind, seconds=_SHORT)
        return Order(die_at=dice.randint(1, self._steps // 3), seconds=_SHORT)

    def _order_faults(self, dice: random.Random, order: Order) -> None:
        if order.kind.startswith("during PUT"):
            # It is dead while Xero is still at work.
            path = order.kind.rpartition(" ")[2]
            slow = {"kind": "delay", "method": "PUT", "path": path, "seconds": _DELAY}
            self._world.order_fault(slow)
        for _ in range(dice.choice((0, 1, 1, 2, 3))):
            self._world.order_fault({**dice.choice(FAULTS), "skip": dice.choice((0, 0, 0, 1, 2))})

    def _set_traps(self, dice: random.Random, wishes: Wishes) -> None:
        for invoice in wishes.invoices:
            if dice.random() < 0.08 and self._world.add_other_invoice(invoice.number):
                self._tally.traps["number taken"] += 1
                if dice.random() < 0.5:
                    is_approved = dice.random() < 0.5
                    self._world.end_invoice(invoice.number, is_approved=is_approved)
                    self._tally.traps["number of a deleted or voided one"] += 1
        for customer in wishes.customers:
            if dice.random() < 0.1:
                self._world.add_other_contact(customer.name)
                self._tally.traps["name taken"] += 1

    def _spring(self, dice: random.Random, wishes: Wishes) -> None:
        """Take a number while it is not known what became of its invoice."""
        for invoice in wishes.invoices:
            if dice.random() < 0.05 and self._world.add_other_invoice(invoice.number):
                self._tally.traps["number taken meanwhile"] += 1


def _calls(wishes: Wishes) -> list[str]:
    """Return the calls that a life for these wishes makes, those that matter most more often."""
    calls = ["POST token", "GET Invoices", *(3 * ["PUT Invoices"])]
    calls += ["PUT Contacts"] * len(wishes.customers) + ["PUT Items"] * len(wishes.products)
    return calls


def _small(dice: random.Random, wishes: Wishes) -> Wishes:
    """Return one of everything, and a second invoice."""
    return _filled(dice, wishes, customers=1, products=1, invoices=2)


def _large(dice: random.Random, wishes: Wishes) -> Wishes:
    return _filled(
        dice,
        wishes,
        customers=dice.randint(0, 3),
        products=dice.randint(0, 2),
        invoices=dice.randint(1, 8),
    )


def _filled(
    dice: random.Random, wishes: Wishes, *, customers: int, products: int, invoices: int
) -> Wishes:
    name = wishes.name
    new_customers = [_record(name, "c", number) for number in range(customers)]
    new_products = [_record(name, "p", number) for number in range(products)]
    # Each new one is on an invoice; behind them come those that were there before.
    buyers = [*(each.key for each in new_customers), *(CUSTOMER for _ in range(invoices))]
    goods = [*(each.key for each in new_products), *(PRODUCT for _ in range(invoices))]
    new_invoices = [
        NewInvoice(
            id=f"{name}i{number}",
            number=f"{name}-{number}",
            customer=buyers[number],
            product=goods[number],
            price=f"{dice.randint(1, 99)}.{dice.randint(0, 99):02}",
        )
        for number in range(invoices)
    ]
    return msgspec.structs.replace(
        wishes,
        customers=tuple(new_customers),
        products=tuple(new_products),
        invoices=tuple(new_invoices),
        threads=dice.randint(1, 3) if invoices > 2 else 1,
    )


def _record(round_: str, kind: str, number: int) -> NewRecord:
    key = f"{round_}{kind}{number}"
    return NewRecord(id=key, key=key.upper(), name=f"Record {key}")
