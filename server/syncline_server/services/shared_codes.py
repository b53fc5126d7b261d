"""Telling people of records that got a code which another one here has already.

The provider owns the code of a mapped record, so it is taken all the same; which of the two keeps
it is for a person to say. Records mapped to something else of the same organisation are not told
of: the provider itself keeps their codes apart.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from syncline_sdk import Contact, Issue, RecordKind
from syncline_server.core.matching import Keys, key
from syncline_server.core.organisations import Organisation
from syncline_server.services.journal import Tally
from syncline_server.storage import customers, products
from syncline_server.storage.database import Database
from syncline_server.storage.products import SyncedProduct


def remark_shared_codes(
    database: Database,
    organisation: Organisation,
    updated: Sequence[tuple[str, Contact]],
    recoded: Collection[str],
    tally: Tally,
) -> None:
    """Add an issue for each customer whose new code an unmapped customer has; after the page.

    :param updated: customers that were brought up to date, by id, with their contacts.
    :param recoded: those of them whose code is another now.
    """
    news = {id_: contact for id_, contact in updated if id_ in recoded and contact.codes}
    if not news:
        return
    wanted = [Keys(id_, (key(contact.codes[0]),)) for id_, contact in news.items()]
    found = _sharing(wanted, customers.candidates(database, organisation, wanted))
    titles = customers.titles(database, organisation.workspace, _others(found))
    for id_, others in found.items():
        contact, told = news[id_], ", ".join(titles[other] for other in others)
        issue = Issue(
            code="CONTACT_CODE_SHARED",
            message=f"The contact's code is {contact.codes[0]} now, which is the code of another "
            f"customer here, too: {told}.",
            action="Give the other customer another code, or none; or, if both are the same, "
            "assign the contact to the one that goes on.",
            kind=RecordKind.CONTACT,
            record_id=contact.id,
            record_name=contact.name,
        )
        tally.remark(issue, local_id=id_, candidates=(id_, *others))


def remark_shared_skus(
    database: Database,
    organisation: Organisation,
    updated: Sequence[SyncedProduct],
    recoded: Collection[str],
    tally: Tally,
) -> None:
    """Add an issue for each product whose new SKU a product without an item has; after the list.

    :param updated: products that were brought up to date, with their items.
    :param recoded: ids of those of them whose SKU is another now.
    """
    news = {product.id: product.item for product in updated if product.id in recoded}
    if not news:
        return
    wanted = [Keys(id_, (key(item.code),)) for id_, item in news.items()]
    found = _sharing(wanted, products.candidates(database, organisation, wanted, ()))
    titles = products.titles(database, organisation.workspace, _others(found))
    for id_, others in found.items():
        item, told = news[id_], ", ".join(titles[other] for other in others)
        issue = Issue(
            code="ITEM_CODE_SHARED",
            message=f"The item's code is {item.code} now, which is the SKU of another product "
            f"here, too: {told}.",
            action="Give the other product another SKU; or, if both are the same, assign the item "
            "to the one that goes on.",
            kind=RecordKind.ITEM,
            record_id=item.id,
            record_name=item.name,
        )
        tally.remark(issue, local_id=id_, candidates=(id_, *others))


def _sharing(wanted: Iterable[Keys], ours: Sequence[Keys]) -> Mapping[str, tuple[str, ...]]:
    """Return the others that have the code of each, for those that share theirs."""
    found = {}
    for record in wanted:
        others = sorted(each.id for each in ours if record.codes == each.codes)
        if sharing := tuple(other for other in others if other != record.id):
            found[record.id] = sharing
    return found


def _others(found: Mapping[str, Iterable[str]]) -> set[str]:
    return {other for others in found.values() for other in others}
