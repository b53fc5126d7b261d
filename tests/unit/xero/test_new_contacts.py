import json
from dataclasses import replace

import httpx
import pytest

from syncline_sdk import (
    AccessLost,
    Address,
    Contact,
    ContactDraft,
    CreateContext,
    OutcomeUnknown,
    PluginError,
    RecordRejected,
    RetryLater,
    Value,
)
from syncline_sdk.testing import Script, Step, answer, create_context
from syncline_xero.new_contacts import create, find
from xero_answers import API, contact, listed, module

KERR = ContactDraft(
    name="Kerr  Ltd",
    code="K1",
    email="hi@kerr.example",
    phone="+64 3 555",
    address=Address(("1 Quay", "Level 2"), "Nelson", country="New Zealand"),
)
SAVED: dict[str, object] = {
    "ContactID": "c1",
    "Name": "Kerr Ltd",
    "ContactNumber": "K1",
    "ContactStatus": "ACTIVE",
    "EmailAddress": "hi@kerr.example",
    "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "+64 3 555"}],
    "Addresses": [
        {
            "AddressType": "POBOX",
            "AddressLine1": "1 Quay",
            "AddressLine2": "Level 2",
            "City": "Nelson",
            "Country": "New Zealand",
        }
    ],
    "StatusAttributeString": "OK",
    "HasValidationErrors": False,
}
DUPLICATE = "The contact name Kerr Ltd is already assigned to another contact."
REFUSED = {
    "ContactID": "00000000-0000-0000-0000-000000000000",
    "Name": "Kerr Ltd",
    "HasValidationErrors": True,
    "StatusAttributeString": "ERROR",
    "ValidationErrors": [{"Message": DUPLICATE}],
    "Phones": [{"ValidationErrors": [{"Message": "The phone is odd."}]}],
}
CONNECTED = answer(json=[{"id": "c", "tenantId": "organisation-1"}])


def context(script: Script, **settings: Value) -> CreateContext:
    """Return what creating a contact is given."""
    return create_context(module("contacts"), script, api=API, settings=settings)


def cut(error: type[httpx.RequestError]) -> Step:
    """Return a step that breaks the connection."""

    def step(request: httpx.Request) -> httpx.Response:
        raise error("broken", request=request)

    return step


def failing(*steps: Step) -> PluginError:
    """Create the contact over these steps, and return what is raised."""
    with pytest.raises(PluginError) as caught:
        create(context(Script(*steps)), KERR)
    return caught.value


def test_a_contact_is_put_once_under_its_key_and_returned_as_saved() -> None:
    """One PUT with the key, and the answer is what becomes a customer."""
    script = Script(listed("Contacts", [SAVED]))

    made = create(context(script), KERR)

    (request,) = script.requests
    assert (request.method, request.url.path) == ("PUT", "/api.xro/2.0/Contacts")
    assert request.url.params["summarizeErrors"] == "false"
    assert request.headers["Idempotency-Key"] == "key-1"
    assert json.loads(request.content) == {
        "Contacts": [
            {
                "Name": "Kerr Ltd",
                "ContactNumber": "K1",
                "EmailAddress": "hi@kerr.example",
                "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "+64 3 555"}],
                "Addresses": [
                    {
                        "AddressType": "POBOX",
                        "AddressLine1": "1 Quay",
                        "AddressLine2": "Level 2",
                        "City": "Nelson",
                        "Country": "New Zealand",
                    }
                ],
            }
        ]
    }
    assert made == Contact("c1", "Kerr Ltd", ("K1",), "hi@kerr.example", "+64 3 555", KERR.address)


def test_phone_and_address_go_where_the_workspace_chose() -> None:
    """Mobile and street when those are synced; nothing where neither is."""
    chosen = Script(listed("Contacts", [SAVED]))
    none = Script(listed("Contacts", [SAVED]))

    create(context(chosen, phone_field="MOBILE", address_field="DELIVERY"), KERR)
    create(context(none, phone_field="NONE", address_field="NONE"), KERR)

    (sent,) = json.loads(chosen.requests[0].content)["Contacts"]
    assert (sent["Phones"][0]["PhoneType"], sent["Addresses"][0]["AddressType"]) == (
        "MOBILE",
        "STREET",
    )
    assert json.loads(none.requests[0].content)["Contacts"][0].keys() == {
        "Name",
        "ContactNumber",
        "EmailAddress",
    }


@pytest.mark.parametrize("status", [200, 400])
def test_a_refusal_gathers_every_message(status: int) -> None:
    """Messages may sit on nested parts; nobody stands in the way here."""
    body = {"Contacts": [REFUSED]} if status == 200 else {"Type": "V", "Elements": [REFUSED]}
    none = listed("Contacts", [])

    refused = failing(answer(status, json=body), none, none)

    assert isinstance(refused, RecordRejected)
    assert (refused.code, refused.message) == (
        "XERO_CONTACT_REJECTED",
        f"{DUPLICATE} The phone is odd.",
    )


def test_whose_the_name_is_is_read() -> None:
    """Another contact of the name is named, and so is an archived one that keeps the number."""
    other = contact(1, Name="Kerr Ltd", ContactNumber="K9")
    archived = contact(2, Name="Kerr & Co", ContactNumber="K1", ContactStatus="ARCHIVED")
    none, refusal = listed("Contacts", []), listed("Contacts", [REFUSED])

    taken = failing(refusal, none, listed("Contacts", [other]))
    kept = failing(refusal, listed("Contacts", [archived]), none)

    assert isinstance(taken, RecordRejected)
    assert isinstance(kept, RecordRejected)
    assert (taken.code, kept.code) == ("XERO_CONTACT_TAKEN", "XERO_CONTACT_ARCHIVED")
    assert "Kerr Ltd with the number K9" in taken.message
    assert "archived contact with the number K1, Kerr & Co" in kept.message


def test_a_refusal_stands_when_nobody_can_be_read() -> None:
    """Where Xero cannot say who stands in the way, its own words do."""
    refused = failing(listed("Contacts", [REFUSED]), answer(429, json={}))

    assert isinstance(refused, RecordRejected)
    assert refused.code == "XERO_CONTACT_REJECTED"


@pytest.mark.parametrize("error", [httpx.ReadTimeout, httpx.RemoteProtocolError, httpx.WriteError])
def test_a_cut_connection_leaves_the_outcome_unknown(error: type[httpx.RequestError]) -> None:
    """The call may still be at work in Xero."""
    unknown = failing(cut(error))

    assert isinstance(unknown, OutcomeUnknown)
    assert not unknown.answered


@pytest.mark.parametrize(("status", "answered"), [(500, True), (503, True), (502, False)])
def test_an_error_of_the_server_leaves_the_outcome_unknown(status: int, answered: bool) -> None:  # noqa: FBT001 - a case
    """An error after dispatch says nothing about what was saved; a gateway's not even the end."""
    unknown = failing(answer(status, content=b"down"))

    assert isinstance(unknown, OutcomeUnknown)
    assert unknown.answered is answered


@pytest.mark.parametrize(
    "body",
    [b'{"Contacts":[{"Conta', b'{"Contacts":[]}', b"{}", b'{"Contacts":[{"Name":"Kerr Ltd"}]}'],
)
def test_a_success_that_cannot_be_read_leaves_the_outcome_unknown(body: bytes) -> None:
    """Xero is known to cut off answers; an element without an id proves nothing."""
    unknown = failing(answer(content=body))

    assert isinstance(unknown, OutcomeUnknown)
    assert unknown.answered


@pytest.mark.parametrize("step", [cut(httpx.ConnectError), answer(429, json={})])
def test_a_call_that_was_not_carried_out_may_be_repeated(step: Step) -> None:
    """Nothing left this machine, or a limit refused it."""
    assert isinstance(failing(step), RetryLater)


def test_a_refused_call_is_a_refusal_and_lost_access_is_lost() -> None:
    """A missing permission is told with what to do; an organisation that is gone is gone."""
    forbidden = failing(answer(403, json={}), CONNECTED)
    lost = failing(answer(403, json={}), answer(json=[]))

    assert isinstance(forbidden, RecordRejected)
    assert forbidden.code == "XERO_FORBIDDEN"
    assert "Check the plan" in forbidden.message
    assert isinstance(lost, AccessLost)


def test_what_was_created_is_found_by_name_and_number() -> None:
    """One read by name; number and name together make it ours."""
    script = Script(listed("Contacts", [contact(1, Name="Kerr Ltd"), SAVED]))

    found = find(context(script), KERR)

    assert found is not None
    assert found.id == "c1"
    params = script.requests[0].url.params
    assert (params["where"], params["includeArchived"]) == ('Name=="Kerr Ltd"', "true")


@pytest.mark.parametrize(
    "changes",
    [{"ContactNumber": "K2"}, {"ContactNumber": None}, {"ContactStatus": "ARCHIVED"}],
    ids=["number", "no number", "archived"],
)
def test_somebody_elses_contact_is_not_ours(changes: dict[str, object]) -> None:
    """The name alone proves nothing, and what is archived was there before."""
    assert find(context(Script(listed("Contacts", [SAVED | changes]))), KERR) is None


@pytest.mark.parametrize(
    ("changes", "ours"),
    [
        ({}, True),
        ({"EmailAddress": ""}, False),
        ({"Phones": []}, False),
        ({"Addresses": []}, False),
    ],
)
def test_without_a_code_everything_must_agree(changes: dict[str, object], ours: bool) -> None:  # noqa: FBT001 - a case
    """A contact that differs in anything is somebody else's."""
    row = SAVED | {"ContactNumber": None} | changes

    found = find(context(Script(listed("Contacts", [row]))), replace(KERR, code=""))

    assert (found is not None) is ours


def test_a_name_no_filter_can_hold_is_searched() -> None:
    """Quotation marks in a filter are not documented; a text search takes them."""
    draft = replace(KERR, name='The "K"')
    script = Script(listed("Contacts", [SAVED | {"Name": 'The "K"'}, SAVED]))

    found = find(context(script), draft)

    assert found is not None
    assert found.name == 'The "K"'
    assert script.requests[0].url.params["searchTerm"] == 'The "K"'


def test_an_unreadable_contact_proves_nothing() -> None:
    """Where the answer holds something that cannot be read, there is no verdict."""
    with pytest.raises(RetryLater):
        find(context(Script(listed("Contacts", [{"ContactID": "c1", "Phones": 7}]))), KERR)
