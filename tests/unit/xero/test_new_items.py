import json
from decimal import Decimal

import pytest

from syncline_sdk import CreateContext, Item, ItemDraft, OutcomeUnknown, RecordRejected, Value
from syncline_sdk.testing import Script, answer, create_context
from syncline_xero.new_items import create, find
from xero_answers import API, listed, module

MUG = ItemDraft(code="MUG", name="Blue mug", tax_type="OUTPUT2", price=Decimal("1E+1"))
SAVED = {
    "ItemID": "i1",
    "Code": "MUG",
    "Name": "Blue mug",
    "IsSold": True,
    "SalesDetails": {"UnitPrice": 10.0, "TaxType": "OUTPUT2"},
}
TAKEN = "Price List Item with Code 'MUG' already exists"
REFUSED = {
    "ItemID": "00000000-0000-0000-0000-000000000000",
    "Code": "MUG",
    "StatusAttributeString": "ERROR",
    "ValidationErrors": [{"Message": TAKEN}],
}


def context(script: Script, **settings: Value) -> CreateContext:
    """Return what creating an item is given, with prices from Xero."""
    given: dict[str, Value] = {"base_price_sync": True, **settings}
    return create_context(module("items"), script, api=API, settings=given)


def test_an_item_is_put_once_and_returned_as_saved() -> None:
    """Prices go out with four decimals allowed and never with an exponent."""
    script = Script(listed("Items", [SAVED]))

    made = create(context(script), MUG)

    (request,) = script.requests
    assert (request.method, request.url.params["unitdp"]) == ("PUT", "4")
    assert b'"UnitPrice":10,' in request.content
    assert json.loads(request.content)["Items"][0] == {
        "Code": "MUG",
        "Name": "Blue mug",
        "SalesDetails": {"UnitPrice": 10, "TaxType": "OUTPUT2"},
    }
    assert made == Item("i1", "MUG", "Blue mug", "OUTPUT2", None, Decimal("10.0"))


def test_what_the_workspace_keeps_is_not_sent() -> None:
    """Without price and tax type there are no sales details at all."""
    script = Script(listed("Items", [SAVED]))

    made = create(context(script, base_price_sync=False), ItemDraft(code="MUG", name="Blue mug"))

    assert json.loads(script.requests[0].content)["Items"] == [{"Code": "MUG", "Name": "Blue mug"}]
    assert made.price is None


def test_whose_the_code_is_is_read() -> None:
    """Another item of the code is named; without one Xero's words do."""
    other = SAVED | {"Code": "mug", "Name": "Red mug"}

    with pytest.raises(RecordRejected) as taken:
        create(context(Script(listed("Items", [REFUSED]), listed("Items", [other]))), MUG)
    with pytest.raises(RecordRejected) as refused:
        create(context(Script(listed("Items", [REFUSED]), answer(429, json={}))), MUG)

    assert (taken.value.code, refused.value.code) == ("XERO_ITEM_TAKEN", "XERO_ITEM_REJECTED")
    assert "code mug, Red mug" in taken.value.message
    assert refused.value.message == TAKEN


def test_an_error_of_the_server_leaves_the_outcome_unknown() -> None:
    """The item may have been saved."""
    with pytest.raises(OutcomeUnknown):
        create(context(Script(answer(500, content=b"down"))), MUG)


@pytest.mark.parametrize(
    ("changes", "ours"),
    [
        ({}, True),
        ({"Name": "Red mug"}, False),
        ({"SalesDetails": {"UnitPrice": 11, "TaxType": "OUTPUT2"}}, False),
        ({"SalesDetails": {"UnitPrice": 10, "TaxType": "NONE"}}, False),
        ({"Code": "MUG2"}, False),
    ],
)
def test_only_what_is_as_it_was_sent_is_ours(changes: dict[str, object], ours: bool) -> None:  # noqa: FBT001 - a case
    """Code, name, tax type and price tell our item from somebody else's."""
    script = Script(listed("Items", [SAVED | changes]))

    found = find(context(script), MUG)

    assert (found is not None) is ours
    assert script.requests[0].url.params["where"] == 'Code=="MUG"'


def test_a_code_no_filter_can_hold_is_looked_for_in_the_whole_list() -> None:
    """Quotation marks in a filter are not documented."""
    script = Script(listed("Items", [SAVED, SAVED | {"Code": '5" pipe', "ItemID": "i2"}]))

    found = find(context(script), ItemDraft(code='5" pipe', name="Blue mug"))

    assert found is not None
    assert found.id == "i2"
    assert "where" not in script.requests[0].url.params
