from dataclasses import replace

from google.protobuf.json_format import MessageToDict

from scripted_modules import module
from syncline_sdk import OwnedField
from syncline_server.registry import load
from syncline_server.rpc.messages.ownership import ownership

CONTACTS = module("contacts")
XERO = load().providers["xero"].modules


def test_declared_fields_are_told_by_their_names_on_the_wire() -> None:
    """In the declared order, each with its title and the setting that can leave it to us."""
    told = ownership(XERO["contacts"])

    assert told
    assert [MessageToDict(each) for each in told.provider_fields] == [
        {"field": "display_name", "title": "name"},
        {"field": "code", "title": "code"},
        {"field": "email", "title": "e-mail"},
        {"field": "active", "title": "active"},
        {"field": "phone", "title": "phone", "setting": "phone_field"},
        {"field": "address", "title": "address", "setting": "address_field"},
    ]


def test_every_other_field_is_ours() -> None:
    """What a provider could own and a module does not is ours, before what nobody else can own."""
    told = ownership(replace(CONTACTS, owned=(OwnedField(name="code"), OwnedField(name="name"))))

    assert told
    assert [each.title for each in told.provider_fields] == ["code", "name"]
    assert [each.field for each in told.local_fields] == [
        "email",
        "active",
        "phone",
        "address",
        "contact_person",
        "web_access",
        "notes",
    ]


def test_a_module_without_fields_tells_nothing() -> None:
    """No message, rather than an empty one."""
    assert ownership(CONTACTS) is None
