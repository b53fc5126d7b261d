"""What the provider's items come to beside ours, whatever moves between two runs."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from syncline_sdk import Item
from syncline_server.core.fingerprint import Fingerprinter
from syncline_server.services.books import Books
from syncline_server.storage import products, tax_codes, tax_rates
from syncline_server.storage.items import StoredItem


def item_contents(
    books: Books, stored: Mapping[str, StoredItem], records: Sequence[Item]
) -> tuple[Mapping[str, str], frozenset[str]]:
    """Return the content of each item, and the items whose content cannot be told.

    An item that would be as it is here with our stock quantity, or with another tax code for its
    tax type, has the content that is stored: a sale moves the one and a person here the other, the
    item may bear no trace of it, and the next run brings both.
    """
    prints = Fingerprinter(books.fields)
    codes = tax_rates.tax_codes(books.database, books.organisation)
    contents = {each.id: prints.of(each, codes.get(each.tax_type)) for each in records}
    unlike = [
        each
        for each in records
        if each.id in stored and stored[each.id].content_hash not in {"", contents[each.id]}
    ]
    stock = _stock(books, [stored[each.id] for each in unlike])
    any_code = _codes(books) if unlike else ()
    for each in unlike:
        as_here = each._replace(stock_quantity=stock.get(each.id))
        # One that is tracked only now, or no longer, has changed.
        is_moved = None not in {each.stock_quantity, as_here.stock_quantity}
        likes = [each, as_here] if is_moved else [each]
        known = stored[each.id].content_hash
        if any(prints.of(like, code) == known for like in likes for code in any_code):
            contents[each.id] = known
    return contents, frozenset(
        each.id for each in unlike if each.stock_quantity is not None and each.id not in stock
    )


def _stock(books: Books, known: Sequence[StoredItem]) -> Mapping[str, Decimal | None]:
    """Return the stock quantity that each of these items had, where it is kept here."""
    if "stock_quantity" not in books.fields or not known:
        return {}
    mapped = {each.id: each.product_id for each in known if each.product_id and not each.detached}
    ours = products.by_ids(books.database, books.organisation.workspace, set(mapped.values()))
    return {id_: ours[product].stock_quantity for id_, product in mapped.items() if product in ours}


def _codes(books: Books) -> Collection[str | None]:
    every = tax_codes.every(books.database, books.organisation.workspace)
    return [None, *(each.id for each in every)]
