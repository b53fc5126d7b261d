"""/Contacts."""

import pytest

from simulator_driver import SimulatorDriver, messages


def _put(driver: SimulatorDriver, **members: object) -> list[str]:
    answer = driver.call("PUT", "Contacts", members, summarizeErrors="false")
    return messages(answer.json()["Contacts"][0])


def test_every_contact_has_four_phones_and_two_addresses(xero: SimulatorDriver) -> None:
    """Unset ones are there with blanks; the order differs between contacts."""
    contacts = xero.get("Contacts", page=1)["Contacts"]

    assert all(
        {"DEFAULT", "DDI", "MOBILE", "FAX"} == {phone["PhoneType"] for phone in one["Phones"]}
        for one in contacts
    )
    assert all(
        {"POBOX", "STREET"} == {part["AddressType"] for part in one["Addresses"]}
        for one in contacts
    )
    assert len({one["Phones"][0]["PhoneType"] for one in contacts}) > 1


def test_paging_changes_the_shape(xero: SimulatorDriver) -> None:
    """Persons and terms come when paged or single; a summary loses addresses."""
    paged = xero.get("Contacts", page=1)["Contacts"][0]
    unpaged = xero.get("Contacts")["Contacts"][0]
    summary = xero.get("Contacts", summaryOnly="true")

    assert {"ContactPersons", "PaymentTerms", "ContactGroups"} <= set(paged)
    assert {"ContactPersons", "PaymentTerms", "ContactGroups"}.isdisjoint(unpaged)
    assert {"Addresses", "IsCustomer"}.isdisjoint(summary["Contacts"][0])
    assert summary["pagination"]["itemCount"] == 29


def test_archived_contacts_are_left_out_unless_asked_for(xero: SimulatorDriver) -> None:
    """`includeArchived` adds them; naming ids finds them too."""
    everyone = xero.get("Contacts", includeArchived="true")["Contacts"]
    archived = [one["ContactID"] for one in everyone if one["ContactStatus"] == "ARCHIVED"]

    assert (len(everyone), len(xero.get("Contacts")["Contacts"])) == (30, 29)
    assert archived == [
        one["ContactID"] for one in xero.get("Contacts", IDs=",".join(archived))["Contacts"]
    ]


def test_a_contact_is_found_by_id_and_by_number(xero: SimulatorDriver) -> None:
    """Both lead to the same contact; anything else is a 404."""
    contact = next(one for one in xero.get("Contacts")["Contacts"] if "ContactNumber" in one)
    by_number = xero.get(f"Contacts/{contact['ContactNumber']}")["Contacts"]

    assert contact["ContactID"] == by_number[0]["ContactID"]
    assert xero.call("GET", "Contacts/nosuch").status_code == 404


def test_put_creates_and_ignores_a_chosen_id(xero: SimulatorDriver) -> None:
    """Xero mints the id, whatever was sent."""
    chosen = "11111111-1111-4111-8111-111111111111"
    answer = xero.call("PUT", "Contacts", {"Contacts": [{"ContactID": chosen, "Name": "Kauri"}]})
    made = answer.json()["Contacts"][0]

    assert (answer.status_code, made["Name"], made["ContactStatus"]) == (200, "Kauri", "ACTIVE")
    assert chosen != made["ContactID"]
    assert "\\/Date(1790856000000+0000)\\/" in answer.text


@pytest.mark.parametrize(
    ("members", "part"),
    [
        ({"Name": ""}, "Contact Name cannot be empty."),
        ({"Name": "a > b"}, "must not contain"),
        ({"Name": " Kauri"}, "leading"),
        ({"Name": "Kauri  Cafe"}, "double spaces"),
        ({"Name": "x" * 256}, "maximum length of 255"),
        ({"Name": "Kauri", "EmailAddress": "not an address"}, "Email address must be valid"),
        ({"Name": "Kauri", "EmailAddress": "b\u00fccher@kauri.example"}, "Email address must be"),
        ({"Name": "Kauri", "ContactPersons": [{"FirstName": "A"}] * 6}, "at most 5"),
        (
            {"Name": "Kauri", "Addresses": [{"AddressType": "POBOX", "Country": "NZ1"}]},
            "letters only",
        ),
        ({"Name": "Kauri", "ContactStatus": "GONE"}, "not valid"),
    ],
)
def test_a_contact_that_breaks_a_rule_is_refused(
    xero: SimulatorDriver, members: dict[str, object], part: str
) -> None:
    """Each broken rule has its message, and nothing is saved."""
    assert any(part in message for message in _put(xero, **members))
    assert len(xero.get("Contacts", includeArchived="true")["Contacts"]) == 30


def test_names_numbers_and_accounts_are_unique(xero: SimulatorDriver) -> None:
    """A second contact may not take them, in another case neither."""
    assert _put(xero, Name="Kauri", ContactNumber="K1", AccountNumber="A1") == []

    assert "already assigned" in _put(xero, Name="KAURI")[0]
    assert "Contact Number" in _put(xero, Name="Rimu", ContactNumber="k1")[0]
    assert "Account Number already exists" in _put(xero, Name="Rimu", AccountNumber="A1")[0]


def test_names_may_be_case_sensitive(xero: SimulatorDriver) -> None:
    """With the switch only the exact name collides."""
    xero.switch(contact_names_case_sensitive=True)
    _put(xero, Name="Kauri")

    assert _put(xero, Name="KAURI") == []
    assert "already assigned" in _put(xero, Name="Kauri")[0]


def test_post_matches_by_name_and_keeps_what_was_not_sent(xero: SimulatorDriver) -> None:
    """A posted name updates the contact that holds it."""
    _put(xero, Name="Kauri", EmailAddress="books@kauri.example")
    xero.clock.advance(10)
    answer = xero.call("POST", "Contacts", {"Name": "kauri", "FirstName": "Mia"}).json()
    changed = answer["Contacts"][0]

    assert (changed["EmailAddress"], changed["FirstName"]) == ("books@kauri.example", "Mia")
    assert len(xero.get("Contacts", includeArchived="true")["Contacts"]) == 31


def test_which_key_wins_is_a_switch(xero: SimulatorDriver) -> None:
    """A post whose number and name belong to two contacts updates one of them."""
    _put(xero, Name="Kauri", ContactNumber="K1")
    _put(xero, Name="Rimu", ContactNumber="R1")
    both = {"Name": "Rimu", "ContactNumber": "K1", "FirstName": "Mia"}
    xero.switch(contact_match="name-then-number")
    refused = xero.call("POST", "Contacts", both)

    assert "Contact Number" in refused.json()["Elements"][0]["ValidationErrors"][0]["Message"]
    xero.switch(contact_match="number-then-name")
    refused = xero.call("POST", "Contacts", both)
    assert "contact name" in refused.json()["Elements"][0]["ValidationErrors"][0]["Message"]


@pytest.mark.parametrize(
    ("members", "part"),
    [
        ({"FirstName": "Mia"}, "at least 1 of the following elements"),
        ({"ContactNumber": "NEW"}, "Contact Name cannot be empty."),
        ({"ContactID": "11111111-1111-4111-8111-111111111111"}, "could not be found"),
    ],
)
def test_post_needs_to_know_whom(xero: SimulatorDriver, members: dict[str, str], part: str) -> None:
    """Without a match and without a name there is nothing to do."""
    refused = xero.call("POST", "Contacts", members).json()

    assert (refused["Type"], refused["ErrorNumber"]) == ("ValidationException", 10)
    assert part in messages(refused["Elements"][0])[0]


def test_phones_and_addresses_change_by_type(xero: SimulatorDriver) -> None:
    """A sent type replaces, an unsent one stays, an empty one clears."""
    phones = [
        {"PhoneType": "DEFAULT", "PhoneNumber": "1"},
        {"PhoneType": "MOBILE", "PhoneNumber": "2"},
    ]
    _put(xero, Name="Kauri", Phones=phones, Addresses=[{"AddressType": "POBOX", "City": "Nelson"}])
    changes = [
        {"PhoneType": "DEFAULT", "PhoneNumber": ""},
        {"PhoneType": "FAX", "PhoneNumber": "3"},
    ]
    changed = xero.call("POST", "Contacts", {"Name": "Kauri", "Phones": changes}).json()
    contact = changed["Contacts"][0]
    numbers = {phone["PhoneType"]: phone["PhoneNumber"] for phone in contact["Phones"]}

    assert numbers == {"DEFAULT": "", "MOBILE": "2", "FAX": "3", "DDI": ""}
    assert "Nelson" in {address["City"] for address in contact["Addresses"]}


def test_persons_are_replaced_kept_or_cleared(xero: SimulatorDriver) -> None:
    """A list replaces, an empty list changes nothing, one empty person clears."""

    def persons(sent: list[dict[str, str]]) -> list[str]:
        body = {"Name": "Kauri", "ContactPersons": sent}
        contact = xero.call("POST", "Contacts", body).json()["Contacts"][0]
        return [person["FirstName"] for person in contact["ContactPersons"]]

    assert persons([{"FirstName": "A"}, {"FirstName": "B"}]) == ["A", "B"]
    assert persons([{"FirstName": "C"}]) == ["C"]
    assert persons([]) == ["C"]
    assert persons([{}]) == []


def test_archived_contacts_cannot_be_edited_but_free_their_name(xero: SimulatorDriver) -> None:
    """Archiving works by POST; afterwards the id is refused and the name can be taken."""
    body = {"Name": "Kauri", "ContactNumber": "K1"}
    contact = xero.call("PUT", "Contacts", body).json()["Contacts"][0]
    path = f"Contacts/{contact['ContactID']}"
    archived = xero.call("POST", path, {"ContactStatus": "ARCHIVED"}).json()["Contacts"][0]
    refused = xero.call("POST", path, {"ContactStatus": "ACTIVE"}).json()

    assert archived["ContactStatus"] == "ARCHIVED"
    assert "matched an archived contact" in messages(refused["Elements"][0])[0]
    assert "Contact Number" in _put(xero, Name="Rimu", ContactNumber="K1")[0]
    assert _put(xero, Name="Kauri") == []


def test_people_merge_restore_and_erase(xero: SimulatorDriver) -> None:
    """The control API does in Xero's pages what the API cannot."""
    for name in ("Kauri", "Rimu"):
        xero.control_organisation("POST", "contacts", {"Name": name})
    invoice = xero.put_invoice(Contact={"Name": "Kauri"})
    target = xero.control_organisation("GET", "contacts/Rimu")["ContactID"]
    merged = xero.control_organisation("POST", "contacts/Kauri/merge", {"into": "Rimu"})
    path = f"contacts/{merged['ContactID']}"

    assert ("ARCHIVED", target) == (merged["ContactStatus"], merged["MergedToContactID"])
    moved = xero.get(f"Invoices/{invoice['InvoiceID']}")["Invoices"][0]
    assert target == moved["Contact"]["ContactID"]
    restored = xero.control_organisation("POST", f"{path}/restore")
    assert restored["ContactStatus"] == "ACTIVE"
    erased = xero.control_organisation("POST", f"{path}/gdpr")
    assert erased["ContactStatus"] == "GDPRREQUEST"
    assert "Kauri" not in str(erased)


def test_the_same_data_comes_from_the_same_seed(xero: SimulatorDriver) -> None:
    """Ids of seeded contacts are those of any other simulator with this seed."""
    other = SimulatorDriver(xero.simulator.parts.key)
    other.connect("Harbour Goods Ltd")

    assert xero.tenant_id == other.tenant_id
    assert xero.get("Contacts")["Contacts"] == other.get("Contacts")["Contacts"]
