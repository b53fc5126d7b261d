"""Where a pull's items go: they become products, or bring theirs up to date."""

from collections.abc import Iterable, Mapping, Sequence

from syncline_sdk import Issue, Item, RecordKind
from syncline_server.core.creation import Creation
from syncline_server.core.fingerprint import Fingerprinter
from syncline_server.core.identifiers import MakeId
from syncline_server.core.issues import ITEM_AMBIGUOUS, ITEM_VANISHED, TAX_TYPE_NOT_MAPPED
from syncline_server.core.matching import Decision, Keys, Outcome, key, match
from syncline_server.core.model import MappingState
from syncline_server.core.organisations import of_run
from syncline_server.core.ownership import FindMaster
from syncline_server.services.collapses import find_collapse, hold_back
from syncline_server.services.creation_claims import claims
from syncline_server.services.creation_hand import settle
from syncline_server.services.journal import Journal, Tally
from syncline_server.services.known_items import KnownItems
from syncline_server.services.owning import owned_now
from syncline_server.services.shared_codes import remark_shared_skus
from syncline_server.storage import creations, items, products
from syncline_server.storage.items import ItemRow, StoredItem
from syncline_server.storage.products import SyncedProduct

_MOST_CANDIDATES = 20


class ItemSink:
    """A ``ListSink[Item]`` over a run's journal.

    :param find_master: tells what the provider owns.
    """

    def __init__(self, journal: Journal, find_master: FindMaster, make_id: MakeId) -> None:
        self._journal = journal
        self._find_master = find_master
        self._make_id = make_id

    def replace(self, records: Sequence[Item], *, unreadable: Sequence[str] = ()) -> None:
        """Store the complete list; mapped items that are gone need review."""
        run, database = self._journal.run, self._journal.database
        with self._journal.page() as tally:
            creations.wait_turn(database, of_run(run))
            fields = owned_now(self._find_master, run, RecordKind.ITEM)
            known = KnownItems(database, of_run(run), lock=True)
            begun = run.start_time or tally.now
            gone = known.gone(here(records, unreadable), begun)
            kept = known.present - len(gone)
            collapsed = find_collapse(run, RecordKind.ITEM, known.present, kept)
            if collapsed is not None:
                hold_back(self._journal, tally, collapsed)
                return
            intake = ItemList(known, fields, self._make_id, tally)
            intake.decide(records, gone)
            intake.write()


def here(records: Sequence[Item], unreadable: Sequence[str]) -> frozenset[str]:
    """Return the ids of the items the provider has, readable or not."""
    return frozenset(unreadable).union(record.id for record in records)


class ItemList:
    """The whole list: first decided, then written if it is to be; a fixed number of statements."""

    def __init__(
        self, known: KnownItems, fields: frozenset[str], make_id: MakeId, tally: Tally
    ) -> None:
        self._known = known
        self._database = known.database
        self._organisation = known.organisation
        self._fields = fields
        self._make_id = make_id
        self._tally = tally
        self._fingerprints = Fingerprinter(fields)
        self._tax_codes = known.tax_codes
        self._hashes: dict[str, str] = {}
        self.rows: list[ItemRow] = []
        """What becomes of each item that is news."""
        self.new: list[SyncedProduct] = []
        """Products to make."""
        self.updated: list[SyncedProduct] = []
        """Products whose items' values are taken over."""
        self.matched: set[str] = set()
        """The ids of those among them that are mapped only now."""
        self.claimed: list[tuple[Creation, Item]] = []
        """Items that somebody creates here at this moment."""
        self.gone: Sequence[StoredItem] = ()
        """Items that are stored and were in the list no more."""

    @property
    def orphaned(self) -> list[StoredItem]:
        """The gone items whose products no other item of the list has taken."""
        return [
            item for item in self.gone if item.product_id and item.product_id not in self.matched
        ]

    def decide(self, records: Sequence[Item], gone: Sequence[StoredItem]) -> None:
        """Decide what becomes of each record, and write nothing.

        :param gone: items that are not here any more; their products can be matched again.
        """
        latest = {record.id: record for record in records}
        self._tally.fetched += len(records)
        self._tally.unchanged += len(records) - len(latest)
        self._tally.judge(RecordKind.ITEM, latest)
        self.gone = gone
        unmapped = []
        for record in latest.values():
            known = self._known.stored.get(record.id)
            if known and known.detached:
                self._leave(record, known)
            elif not self._is_news(record, known):
                self._tally.unchanged += 1
                self._check_tax_type(record, known.product_id if known else None)
            elif known and known.product_id:
                self._follow(record, known.product_id)
            else:
                unmapped.append(record)
        if unmapped := self._unclaimed(unmapped):
            self._match(unmapped)
        self._tally.judge(RecordKind.ITEM, self._replaced())
        for item in self.orphaned:
            self._tally.remark(_vanished(item), local_id=item.product_id or "")

    def write(self) -> None:
        """Write what was decided."""
        database, organisation, now = self._database, self._organisation, self._tally.now
        self._drop()
        for creation, record in self.claimed:
            settle(database, creation, record, self._make_id, now)
        products.insert_synced(database, organisation, self.new, self._fields, now)
        recoded = products.update_synced(database, organisation, self.updated, self._fields, now)
        if self.matched:
            items.release_vanished(database, organisation, self.matched, now)
        items.write(database, organisation, self.rows, now)
        remark_shared_skus(database, organisation, self.updated, recoded, self._tally)

    def _unclaimed(self, records: Sequence[Item]) -> list[Item]:
        """Set apart what somebody creates here at this moment; return the others."""
        if not records:
            return []
        self.claimed, left = claims(self._known.under_way(), records)
        self._tally.created += len(self.claimed)
        return left

    def _is_news(self, record: Item, known: StoredItem | None) -> bool:
        content_hash = self._hash(record)
        return (
            known is None
            or known.state != MappingState.MAPPED
            or known.content_hash != content_hash
        )

    def _hash(self, record: Item) -> str:
        tax_code = self._tax_codes.get(record.tax_type)
        content_hash = self._hashes[record.id] = self._fingerprints.of(record, tax_code)
        return content_hash

    def _leave(self, record: Item, known: StoredItem) -> None:
        # A person took it apart: its own values are kept fresh, and nothing else.
        self._tally.skipped += 1
        content_hash = self._hash(record)
        if known.content_hash != content_hash:
            row = ItemRow(record, content_hash, MappingState.UNMAPPED, detached=True)
            self.rows.append(row)

    def _follow(self, record: Item, product: str) -> None:
        self._put(record, product)
        self.updated.append(self._synced(record, product))
        self._tally.updated += 1

    def _create(self, record: Item) -> None:
        product = self._make_id()
        self._put(record, product)
        self.new.append(self._synced(record, product))
        self._tally.created += 1

    def _put(self, record: Item, product: str) -> None:
        content_hash = self._hashes[record.id]
        self.rows.append(ItemRow(record, content_hash, MappingState.MAPPED, product))
        self._check_tax_type(record, product)

    def _synced(self, record: Item, product: str) -> SyncedProduct:
        return SyncedProduct(product, record, self._tax_codes.get(record.tax_type))

    def _match(self, records: Sequence[Item]) -> None:
        wanted = [Keys(record.id, (key(record.code),)) for record in records]
        gone = {item.id for item in self.gone}
        ours = self._known.candidates(wanted, gone)
        promised = {creation.record_id for creation, _ in self.claimed}
        decisions = match(wanted, [each for each in ours if each.id not in promised])
        doubtful = []
        for record in records:
            decision = decisions[record.id]
            if decision.outcome is Outcome.MAP:
                self.matched.add(decision.ids[0])
                self._follow(record, decision.ids[0])
            elif decision.outcome is Outcome.CREATE:
                self._create(record)
            else:
                doubtful.append(record)
        if doubtful:
            self._report(doubtful, decisions)

    def _report(self, records: Iterable[Item], decisions: Mapping[str, Decision]) -> None:
        fitting = {id_ for record in records for id_ in decisions[record.id].ids}
        titles = products.titles(self._database, self._organisation.workspace, fitting)
        for record in records:
            ids = decisions[record.id].ids[:_MOST_CANDIDATES]
            content_hash = self._hashes[record.id]
            self.rows.append(ItemRow(record, content_hash, MappingState.AMBIGUOUS, candidates=ids))
            self._tally.issue(_ambiguous(record, [titles[id_] for id_ in ids]), candidates=ids)

    def _check_tax_type(self, record: Item, product: str | None) -> None:
        wanted = "tax_code" in self._fields and record.tax_type
        if wanted and record.tax_type not in self._tax_codes:
            self._tally.remark(_tax_type_not_mapped(record), local_id=product or "")

    def _drop(self) -> None:
        if self.gone:
            # Products first, as whoever changes one locks it before its items.
            held = {item.product_id for item in self.gone if item.product_id}
            products.by_ids(self._database, self._organisation.workspace, held, lock=True)
            ids = {item.id for item in self.gone}
            items.vanish(self._database, self._organisation, ids, self._tally.now)

    def _replaced(self) -> list[str]:
        """Return the ids of items whose products another item of the list has taken."""
        stored = self._known.stored.values()
        return [item.id for item in stored if item.product_id in self.matched]


def _ambiguous(record: Item, titles: Sequence[str]) -> Issue:
    if len(titles) == 1:
        message = f"Another item fits the same product, {titles[0]}, just as well."
    else:
        message = f"Several products have this item's code as SKU: {', '.join(titles)}."
    return Issue(
        code=ITEM_AMBIGUOUS,
        message=message,
        action="Assign the item to one product, or leave the SKU "
        f"{record.code} to one of them and sync again.",
        kind=RecordKind.ITEM,
        record_id=record.id,
        record_name=record.name,
    )


def _tax_type_not_mapped(record: Item) -> Issue:
    return Issue(
        code=TAX_TYPE_NOT_MAPPED,
        message=f"The item's tax type {record.tax_type} is not mapped to a tax code, "
        "so its product has none.",
        action="Map the tax type, or choose another one for the item, then sync again.",
        kind=RecordKind.ITEM,
        record_id=record.id,
        record_name=record.name,
    )


def _vanished(item: StoredItem) -> Issue:
    return Issue(
        code=ITEM_VANISHED,
        message=f"The item {item.code} is gone at the provider; its product is still here.",
        action="Restore the item there; or remove its mapping, and assign another item to the "
        "product or stop selling it.",
        kind=RecordKind.ITEM,
        record_id=item.id,
        record_name=item.name,
    )
