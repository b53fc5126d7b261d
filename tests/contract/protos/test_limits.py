"""Every field of every request states what it may be at most, and says the same as the code."""

import re
from collections.abc import Iterator
from decimal import Decimal

import protovalidate
import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import FieldDescriptorProto
from google.protobuf.message_factory import GetMessageClass

from declarations import Declaration
from limits import rules_of
from syncline.v1 import customer_pb2, integration_pb2, invoice_pb2, product_pb2, tax_code_pb2
from syncline_server.core import (
    automatic,
    checks,
    customer_draft,
    importing,
    invoice_draft,
    names,
    product_draft,
)
from syncline_server.rpc.server import SERVICES
from syncline_server.rpc.validation import SHAPES

Field = FieldDescriptor
METHODS = [method for service in SERVICES for method in service.methods]
UNLIMITED = (Field.TYPE_BOOL,)
IN_WORDS = {"google.protobuf.Struct"}
"""What no rule can limit: its comment says the limit, and the code holds to it."""
RULED = {
    "google.protobuf.FieldMask": lambda rules: bool(rules.cel),
    "google.protobuf.Timestamp": lambda rules: rules.timestamp.HasField("gte"),
    "google.protobuf.Duration": lambda rules: rules.duration.HasField("lte"),
}


def request_fields() -> list[Field]:
    """Return every field a request can have, however deep; what is output only is left out."""
    found: dict[str, Field] = {}
    for method in METHODS:
        _gather(method.input_type, found)
    return list(found.values())


def _gather(message: Descriptor, found: dict[str, Field]) -> None:
    for field in message.fields:
        if field.full_name in found or rules_of(field).ignore == ALWAYS_IGNORED:
            continue
        found[field.full_name] = field
        inner = field.message_type
        if inner and inner.file.package == "syncline.v1" and not inner.GetOptions().map_entry:
            _gather(inner, found)


ALWAYS_IGNORED = 3
FIELDS = {field.full_name: field for field in request_fields()}


def is_bounded(rules: object) -> bool:
    """Return whether a text has a longest."""
    text = getattr(rules, "string")  # noqa: B009 - protobuf's own name
    longest = re.sub(r"\[[^]]*\]", "x", text.pattern)
    return bool(text.max_len or text.uuid or (text.pattern and not re.search(r"[*+]|,\}", longest)))


def unlimited(field: Field, rules: object) -> Iterator[str]:
    """Yield what of a field has no limit."""
    if field.message_type and field.message_type.GetOptions().map_entry:
        key, value = (field.message_type.fields_by_name[name] for name in ("key", "value"))
        if not rules.map.max_pairs:  # type: ignore[attr-defined]  # FieldRules
            yield "entries"
        yield from unlimited(key, rules.map.keys)  # type: ignore[attr-defined]  # FieldRules
        yield from unlimited(value, rules.map.values)  # type: ignore[attr-defined]  # FieldRules
    elif field.is_repeated:
        if not rules.repeated.max_items:  # type: ignore[attr-defined]  # FieldRules
            yield "elements"
        yield from one_unlimited(field, rules.repeated.items)  # type: ignore[attr-defined]  # FieldRules
    else:
        yield from one_unlimited(field, rules)


def one_unlimited(field: Field, rules: object) -> Iterator[str]:
    """Yield what of one value has no limit."""
    name = field.message_type.full_name if field.message_type else ""
    limited = {
        Field.TYPE_STRING: is_bounded,
        Field.TYPE_BYTES: lambda rules: bool(rules.bytes.max_len),
        Field.TYPE_ENUM: lambda rules: rules.enum.defined_only,
        Field.TYPE_INT32: lambda rules: rules.int32.HasField("gte"),
        Field.TYPE_MESSAGE: RULED.get(name, lambda _rules: True),
    }
    if field.type not in UNLIMITED and not limited.get(field.type, lambda _rules: False)(rules):
        yield "value"


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_of_a_request_states_its_limit(name: str) -> None:
    """Texts a length, lists and maps a size, numbers a range, enums what is defined."""
    assert list(unlimited(FIELDS[name], rules_of(FIELDS[name]))) == []


def test_what_no_rule_limits_says_so(declared: list[Declaration]) -> None:
    """A struct's comment tells how large it may be."""
    structs = [
        found
        for found in declared
        if isinstance(found.element, FieldDescriptorProto)
        and found.name in FIELDS
        and found.element.type_name[1:] in IN_WORDS
    ]
    assert structs
    assert [found.name for found in structs if "100,000 bytes" not in found.comment] == []


def test_output_only_and_ignored_are_the_same(declared: list[Declaration]) -> None:
    """In a message that requests hold, what is output only is ignored, and nothing else is."""
    holders = {name.rpartition(".")[0] for name in FIELDS}
    for found in declared:
        owner, _, name = found.name.rpartition(".")
        if owner in holders and isinstance(found.element, FieldDescriptorProto):
            rules = rules_of(_message(owner).fields_by_name[name])
            ignored = rules.ignore == ALWAYS_IGNORED
            assert found.comment.startswith("Output only.") == ignored, found.name


def _message(name: str) -> Descriptor:
    return next(f.containing_type for f in FIELDS.values() if f.containing_type.full_name == name)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_rules_can_be_evaluated(method: object) -> None:
    """Every rule of every request compiles, those in CEL too, and an empty request meets no bug."""
    request = GetMessageClass(method.input_type)()  # type: ignore[attr-defined]  # MethodDescriptor
    assert isinstance(protovalidate.collect_violations(request), list)


def test_every_pattern_is_told_in_words() -> None:
    """Nobody is answered with a regular expression."""
    patterns = set()
    for field in FIELDS.values():
        rules = rules_of(field)
        patterns |= {rules.string.pattern, rules.repeated.items.string.pattern} - {""}
    assert {each for each in patterns if not each.startswith("^workspaces/")} == set(SHAPES)


def longest(message: Descriptor) -> dict[str, int]:
    """Return how long the texts of a message may be, where that is a number."""
    found = {field.name: rules_of(field).string.max_len for field in message.fields}
    return {name: most for name, most in found.items() if most}


def test_texts_are_as_long_as_the_core_takes() -> None:
    """The .proto files and the core state the same numbers for what records hold."""
    others = {"stock_quantity", "default_price", "etag", "name"}
    for message, texts in (
        (customer_pb2.Customer, customer_draft._TEXTS),
        (product_pb2.Product, product_draft._TEXTS),
    ):
        stated = longest(message.DESCRIPTOR)
        assert {name: most for name, most in stated.items() if name not in others} == texts
    address = longest(customer_pb2.Address.DESCRIPTOR)
    assert set(address.values()) == {customer_draft._LONGEST_ADDRESS_PART}
    lines = rules_of(customer_pb2.Address.DESCRIPTOR.fields_by_name["lines"]).repeated
    assert lines.max_items == customer_draft.MOST_ADDRESS_LINES
    assert lines.items.string.max_len == customer_draft._LONGEST_ADDRESS_PART


def test_sizes_are_those_of_the_core() -> None:
    """Lines of an invoice, elements of an import and intervals have one limit each."""
    lines = rules_of(invoice_pb2.Invoice.DESCRIPTOR.fields_by_name["lines"])
    assert lines.repeated.max_items == invoice_draft.MOST_LINES
    imports = [
        rules_of(field).repeated.max_items
        for name, field in FIELDS.items()
        if re.search(r"\.Import\w+Request\.", name) and field.is_repeated
    ]
    assert imports == [importing.MOST_RECORDS] * 4
    intervals = rules_of(integration_pb2.Settings.DESCRIPTOR.fields_by_name["automatic_intervals"])
    assert intervals.map.values.duration.lte.ToTimedelta() == automatic.LONGEST_INTERVAL


SAMPLES = (
    *("", " ", "a", "A1", "-", "a-", "acme", "x" * 63, "x" * 64, "a b", "é", "a\n", "\u0661"),
    *("1", "-1", "1.5", "1.", ".5", "1e5", "0" * 30, "0" * 31, "2026-10-01", "20261001"),
    *("workspaces/acme", "workspaces/acme/", "workspaces/Acme", "workspaces/a/connections/xero"),
    *("workspaces/a/connections/Xero", "workspaces/a/customers/c.~_-", "workspaces/a/customers/"),
    *("workspaces/a/connections/x/settings", "workspaces/a/connections/x/taxMappings/OUTPUT2"),
    *("workspaces/a/runs/r", "workspaces/a/invoices/" + "i" * 100, "workspaces/a/invoices/.i"),
    *("workspaces/a/invoices/" + "i" * 101, "workspaces/a/customers/c\n", "x" * 128, "x" * 129),
)


@pytest.mark.parametrize(
    ("field", "takes"),
    [
        ("GetConnectionRequest.name", names.parse_connection),
        ("ListConnectionsRequest.parent", names.parse_workspace),
        ("GetSettingsRequest.name", names.parse_settings),
        ("GetCustomerRequest.name", lambda name: names.parse_record(name, "customers")),
        ("GetInvoiceRequest.name", lambda name: names.parse_record(name, "invoices")),
        ("GetRunRequest.name", lambda name: names.parse_record(name, "runs")),
        ("TaxMapping.name", lambda name: names.parse_under_connection(name, "taxMappings")),
        (
            "GetTaxMappingRequest.name",
            lambda name: names.parse_under_connection(name, "taxMappings"),
        ),
        ("CreateCustomerRequest.customer_id", checks._ID.fullmatch),
        ("Customer.external_id", checks._EXTERNAL_ID.fullmatch),
        ("InvoiceLine.quantity", lambda text: checks._NUMBER.fullmatch(text.strip())),
        ("Invoice.invoice_date", checks._DAY.fullmatch),
    ],
)
def test_forms_are_those_of_the_core(field: str, takes: object) -> None:
    """What a pattern lets through is what the core can read, and nothing else."""
    pattern = rules_of(FIELDS[f"syncline.v1.{field}"]).string.pattern
    stated = re.compile(pattern.removesuffix("$") + r"\Z")
    for sample in filter(str.strip, SAMPLES):
        assert bool(stated.match(sample)) == bool(takes(sample)), sample  # type: ignore[operator]  # a function


def test_numbers_have_their_range_in_words(declared: list[Declaration]) -> None:
    """No rule states the range of a decimal string; the tax code's comment and the core agree."""
    (rate,) = (each for each in declared if each.name == "syncline.v1.TaxCode.rate")
    assert "0 to 100" in rate.comment
    assert rules_of(tax_code_pb2.TaxCode.DESCRIPTOR.fields_by_name["rate"]).string.max_len == 100
    assert Decimal(100) == invoice_draft._PERCENT.high
