"""/Items."""

import pytest

from simulator_driver import SimulatorDriver, messages


def _put(driver: SimulatorDriver, **members: object) -> dict[str, object]:
    answer = driver.call("PUT", "Items", members, summarizeErrors="false")
    element: dict[str, object] = answer.json()["Items"][0]
    return element


def test_items_know_no_pages(xero: SimulatorDriver) -> None:
    """Every page number answers the whole list, without pagination."""
    answer = xero.get("Items", page=7, pageSize=5)

    assert len(answer["Items"]) == 24
    assert "pagination" not in answer


def test_if_modified_since_applies_to_items(xero: SimulatorDriver) -> None:
    """Only what changed since is listed."""
    made = _put(xero, Code="NEW")
    answer = xero.call("GET", "Items", headers={"If-Modified-Since": "2026-10-01T12:00:00"})

    assert [made["ItemID"]] == [item["ItemID"] for item in answer.json()["Items"]]


def test_prices_have_two_places_unless_four_are_asked_for(xero: SimulatorDriver) -> None:
    """`unitdp=4` on both write and read keeps four decimals."""
    body = {"Code": "NEW", "SalesDetails": {"UnitPrice": "0.1234"}}
    xero.call("PUT", "Items", body, unitdp=4)

    assert '"UnitPrice":0.12,' in xero.call("GET", "Items/NEW").text.replace("}", ",")
    assert '"UnitPrice":0.1234' in xero.call("GET", "Items/NEW", unitdp=4).text


def test_an_item_is_found_by_code_with_odd_characters(xero: SimulatorDriver) -> None:
    """Codes with slashes, blanks and percent signs work when they are encoded."""
    made = _put(xero, Code="A/B 5%")

    assert made["ItemID"] == xero.get("Items/A%2FB%205%25")["Items"][0]["ItemID"]
    assert xero.call("GET", "Items/NOPE").status_code == 404


def test_codes_are_unique(xero: SimulatorDriver) -> None:
    """PUT of a known code is refused; POST updates that item."""
    first = _put(xero, Code="abc", Name="One")
    second = _put(xero, Code="abc")
    posted = xero.call("POST", "Items", {"Code": "abc", "Description": "Two"}).json()["Items"][0]

    assert messages(second) == ["Price List Item with Code 'abc' already exists"]
    assert (first["ItemID"], "One", "Two") == (
        posted["ItemID"],
        posted["Name"],
        posted["Description"],
    )


def test_matching_by_code_is_a_switch(xero: SimulatorDriver) -> None:
    """Without it a POST of a known code creates, and so is refused."""
    xero.switch(item_post_matches_code=False)
    _put(xero, Code="abc")

    assert xero.call("POST", "Items", {"Code": "abc"}).status_code == 400


def test_a_code_can_be_renamed(xero: SimulatorDriver) -> None:
    """The id stays, the old code leads nowhere."""
    made = _put(xero, Code="OLD")
    xero.call("POST", f"Items/{made['ItemID']}", {"Code": "NEW"})

    assert made["ItemID"] == xero.get("Items/NEW")["Items"][0]["ItemID"]
    assert xero.call("GET", "Items/OLD").status_code == 404


def test_an_item_that_is_not_sold_has_no_sales_side(xero: SimulatorDriver) -> None:
    """Turning `IsSold` off empties description and sales details."""
    _put(xero, Code="A", Description="Text", SalesDetails={"UnitPrice": 5, "AccountCode": "200"})
    changed = xero.call("POST", "Items", {"Code": "A", "IsSold": False}).json()["Items"][0]

    assert changed["SalesDetails"] == {}
    assert "Description" not in changed


@pytest.mark.parametrize(
    ("members", "part"),
    [
        ({"Name": "Mug"}, "Code must be supplied"),
        ({"Code": "x" * 31}, "maximum length of 30"),
        ({"Code": "A", "Name": "x" * 51}, "maximum length of 50"),
        ({"Code": "A", "SalesDetails": {"AccountCode": "999"}}, "Account code '999'"),
        ({"Code": "A", "SalesDetails": {"TaxType": "NOSUCH"}}, "TaxType code NOSUCH"),
    ],
)
def test_an_item_that_breaks_a_rule_is_refused(
    xero: SimulatorDriver, members: dict[str, object], part: str
) -> None:
    """Each broken rule has its message."""
    assert any(part in message for message in messages(_put(xero, **members)))


def test_deleting_is_final(xero: SimulatorDriver) -> None:
    """204, then 404, and gone from the list."""
    made = _put(xero, Code="A")
    path = f"Items/{made['ItemID']}"
    answer = xero.call("DELETE", path)

    assert (answer.status_code, answer.content) == (204, b"")
    assert xero.call("DELETE", path).status_code == 404
    assert len(xero.get("Items")["Items"]) == 24


def test_an_item_in_stock_resists_deletion(xero: SimulatorDriver) -> None:
    """A tracked item with a quantity is refused with a 400."""
    _put(xero, Code="A")
    xero.control_organisation("POST", "items/A/stock", {"quantity": 3})

    assert xero.call("DELETE", "Items/A").status_code == 400


def test_too_many_items_at_once_are_refused(xero: SimulatorDriver) -> None:
    """The limit is five hundred."""
    bodies = [{"Code": f"C{number}"} for number in range(501)]

    assert xero.call("PUT", "Items", {"Items": bodies}).status_code == 400


def test_people_add_rename_and_delete_items(xero: SimulatorDriver) -> None:
    """The control API changes items as Xero's pages do."""
    xero.control_organisation("POST", "items", {"Code": "A", "Name": "Mug"})
    renamed = xero.control_organisation("POST", "items/A", {"Code": "B"})
    xero.control_organisation("DELETE", "items/B")

    assert (renamed["Code"], renamed["Name"]) == ("B", "Mug")
    assert "there is no item" in xero.control_organisation("GET", "items/B", status=404)["error"]
