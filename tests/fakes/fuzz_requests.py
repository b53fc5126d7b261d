"""Requests made up from the API's descriptors: mostly as they should be, here and there not at all.

A new method or field is covered by itself. What is stated of a field decides which values are good
and which lie just beyond.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from google.protobuf import struct_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import strategies as st

from limits import rules_of

Draw = Any
Field = FieldDescriptor
_DEEPEST = 6
_TOLD_ON_CREATION = (
    "code",
    "sku",
    "display_name",
    "rate",
    "number",
    "customer",
    "currency_code",
    "invoice_date",
    "line_amounts",
    "external_id",
    "tax_code",
    "description",
)
_USUAL = st.integers(0, 19)
_LONGEST_MADE = 5_000
NASTY = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\n",
    "\u202eright to left",
    "\ufeff\u200b",
    "e\u0301\u0302",
    "🧾" * 3,
    "ß" * 50,
    "ı İ ſ",  # noqa: RUF001 - whose other case is longer, or ASCII
    "%",
    "_%\\",
    "'; DROP TABLE customers; --",
    "{0}{x!r}",
    "../../etc/passwd",
    "*",
    "NaN",
    "Infinity",
    "-0",
    "1e400",
    "00012.5000",
    "9" * 30,
    "-" + "9" * 30 + "." + "9" * 30,
    "0." + "0" * 29 + "1",
    "٣",
    "2026-02-30",
    "0000-01-01",
    "9999-12-31",
    "NZD",
    "2026-10-01",
    "12.50",
    "AUTHORISED",
)
"""Texts that somebody's code has stumbled over."""
PLAIN = ("Kauri", "A-1", "12.50", "3", "2026-10-01", "NZD", "contacts", "xero", "ledger", "x")
_UUIDS = st.sampled_from(
    ("f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF7")
)
_NUMBERS = (0, 1, -1, 2, 50, 1000, 1001, 2**31 - 1, -(2**31), 2**63 - 1, -(2**63))


@dataclass(frozen=True, kw_only=True, eq=False)
class Known:
    """What is there, so that requests can name it."""

    names: Sequence[str]
    """Resource names, and ids of modules and providers."""
    tokens: Mapping[str, tuple[str, ...]]
    """By the field they are sent back in: page tokens, resume tokens, etags, ids."""


def payloads(method: MethodDescriptor, known: Known) -> st.SearchStrategy[bytes]:
    """Return requests of a method as bytes, some of them damaged on the way."""
    good, odd = (
        messages(method.input_type, known, odd=is_odd).map(lambda made: made.SerializeToString())
        for is_odd in (False, True)
    )
    return st.one_of(good, good, good, odd, odd, damaged(good), st.binary(max_size=64))


@st.composite
def damaged(draw: Draw, whole: st.SearchStrategy[bytes]) -> bytes:
    """Return bytes with one of them changed, the end cut off, a part twice, or more behind."""
    data = bytearray(draw(whole))
    place = draw(st.integers(0, max(0, len(data) - 1)))
    kind = draw(st.integers(0, 4))
    if kind == 0 and data:
        data[place] = draw(st.integers(0, 255))
    elif kind == 1:
        del data[place:]
    elif kind == 2:
        data[place:place] = data[:place]
    elif kind == 3:
        data += b"\xfa\x3f\x03odd"  # field 1,023, which nothing has
    else:
        data += draw(st.binary(max_size=20))
    return bytes(data)


@cache
def messages(
    descriptor: Descriptor, known: Known, *, odd: bool, level: int = 0
) -> st.SearchStrategy[Message]:
    """Return messages of a type.

    :param odd: whether some of their fields lie beyond what is stated.
    """
    make = _WELL_KNOWN.get(descriptor.full_name)
    if make:
        return make(GetMessageClass(descriptor), odd)
    return _messages(descriptor, known, odd, level)


@st.composite
def _messages(draw: Draw, descriptor: Descriptor, known: Known, odd: bool, level: int) -> Message:  # noqa: FBT001 - composite passes by position
    message = GetMessageClass(descriptor)()
    for field in descriptor.fields:
        usual = draw(_USUAL)
        rules = rules_of(field)
        left_out = 0 if _is_wanted(field, rules) else 11
        if usual < left_out or level > _DEEPEST or (usual == 0 and odd):
            continue
        _set(draw, message, field, _Maker(rules, known, level, odd and usual > 17))
    return message


def _is_wanted(field: Field, rules: Any) -> bool:
    return (
        bool(rules.required)
        or (field.message_type is not None and field.is_repeated)
        or field.name in ("name", "parent", "connection", *_TOLD_ON_CREATION)
    )


@dataclass(frozen=True)
class _Maker:
    """Makes the values of one field."""

    rules: Any
    known: Known
    level: int
    odd: bool
    """Whether they should lie beyond what is stated."""

    def one(self, draw: Draw, field: Field, rules: Any) -> Any:
        """Return one value."""
        if field.message_type is not None:
            if field.message_type.full_name == "google.protobuf.FieldMask":
                return draw(_masks(field.containing_type, self.odd))
            inner = messages(field.message_type, self.known, odd=self.odd, level=self.level + 1)
            return draw(inner)
        if field.type == Field.TYPE_STRING:
            return draw(self._texts(field, rules.string))
        return draw(_SIMPLE[field.type](field, self.odd))

    def _texts(self, field: Field, rules: Any) -> st.SearchStrategy[str]:
        if self.odd:
            return _odd_texts(min(rules.max_len or 300, _LONGEST_MADE))
        for name in (field.name, f"{field.containing_type.name}.{field.name}"):
            if name in self.known.tokens:
                return _tokens(
                    self.known.tokens[name],
                    is_optional=not self.rules.required and field.name not in ("key", "name"),
                )
        if rules.pattern:
            return _fitting(rules.pattern, self.known)
        if rules.uuid:
            return _UUIDS
        return _usual_texts(min(rules.max_len, _LONGEST_MADE), self.known)


def _set(draw: Draw, message: Message, field: Field, maker: _Maker) -> None:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        _set_map(draw, message, field, maker)
    elif field.is_repeated:
        _set_list(draw, message, field, maker)
    elif field.message_type is not None:
        getattr(message, field.name).CopyFrom(maker.one(draw, field, maker.rules))
    else:
        setattr(message, field.name, maker.one(draw, field, maker.rules))


def _set_list(draw: Draw, message: Message, field: Field, maker: _Maker) -> None:
    rules = maker.rules.repeated
    count = draw(st.integers(0 if maker.odd else 1, 3))
    elements = [maker.one(draw, field, rules.items) for _ in range(count)]
    if maker.odd and elements and rules.max_items:
        elements = (elements * (rules.max_items + 1))[: rules.max_items + draw(st.integers(0, 1))]
    getattr(message, field.name).extend(elements)


def _set_map(draw: Draw, message: Message, field: Field, maker: _Maker) -> None:
    rules = maker.rules.map
    keys, values = (field.message_type.fields_by_name[name] for name in ("key", "value"))  # type: ignore[union-attr]  # a map's entry
    count = (rules.max_pairs or 1) + 1 if maker.odd and draw(st.booleans()) else 2
    target = getattr(message, field.name)
    value = maker.one(draw, values, rules.values)
    for number in range(count):
        key = maker.one(draw, keys, rules.keys) if number < 2 else f"k{number}"
        if isinstance(value, Message):
            target[key].CopyFrom(value)
        else:
            target[key] = value


@cache
def _odd_texts(longest: int) -> st.SearchStrategy[str]:
    beyond = ("x" * (longest + 1), "é" * longest, "🧾" * longest)
    return st.one_of(st.sampled_from((*NASTY, *beyond)), st.text(max_size=30))


@cache
def _usual_texts(longest: int, known: Known) -> st.SearchStrategy[str]:
    texts = [text for text in (*PLAIN, *known.names, "x" * longest) if len(text) <= longest]
    letters = st.characters(exclude_characters="\0", exclude_categories=("Cs",))
    return st.one_of(*[st.sampled_from(texts)] * 2, st.text(letters, min_size=1, max_size=12))


@cache
def _tokens(given: tuple[str, ...], *, is_optional: bool) -> st.SearchStrategy[str]:
    """Return tokens as they were given, and such in which a character is another."""
    kept = st.sampled_from(given or ("",))
    changed = st.tuples(kept, st.integers(0, 60), st.sampled_from("A=0_-")).map(
        lambda parts: parts[0][: parts[1]] + parts[2] + parts[0][parts[1] + 1 :]
    )
    often = st.just("") if is_optional else kept
    return st.one_of(often, often, kept, changed)


@cache
def _fitting(pattern: str, known: Known) -> st.SearchStrategy[str]:
    """Return texts of a form: what is known, or made up where nothing of it is."""
    names = [name for name in (*known.names, *PLAIN) if re.search(pattern, name)]
    made = st.from_regex(re.sub(r"^\^|\$$", "", pattern).replace("$|^", "|"), fullmatch=True)
    return st.sampled_from(names) if names else made


@cache
def _instants(kind: Any, odd: bool) -> st.SearchStrategy[Message]:  # noqa: FBT001 - see _WELL_KNOWN
    seconds, nanos = (0, 60, 3600, 86_400, 1_790_000_000), (0,)
    if odd:
        seconds += (-1, 253_402_300_800, 2**63 - 1, -(2**63))
        nanos += (1, -1, 999_999_999, 10**9, -(2**31))
    return st.builds(kind, seconds=st.sampled_from(seconds), nanos=st.sampled_from(nanos))


@cache
def _masks(request: Descriptor, odd: bool) -> st.SearchStrategy[Message]:  # noqa: FBT001 - as below
    """Return masks of what an update is of, which is its first field."""
    resource: Any = request.fields[0].message_type
    paths: tuple[str, ...] = ("*", *(field.name for field in resource.fields))
    if odd:
        paths += (*NASTY, "address.city", "options.", "toggles.contacts", ".x", "x" * 201)
    few = st.lists(st.sampled_from(paths), max_size=4)
    many = few.map(lambda given: given * 30) if odd else few
    return st.one_of(few, few, many).map(lambda given: FieldMask(paths=given))


@cache
def _structs(_kind: Any, odd: bool) -> st.SearchStrategy[Message]:  # noqa: FBT001 - see _WELL_KNOWN
    keys = ("phone_field", "base_price_sync", "stock_limit", "page_length", *(NASTY if odd else ()))
    numbers = (0.0, 1.0, 1e15, *((0.5, -0.0, 1e308, math.nan, math.inf, 2.0**70) if odd else ()))
    texts = ("MOBILE", "DEFAULT", *(NASTY if odd else ()))
    simple = [
        st.sampled_from(texts).map(lambda text: struct_pb2.Value(string_value=text)),
        st.sampled_from(numbers).map(lambda number: struct_pb2.Value(number_value=number)),
        st.booleans().map(lambda given: struct_pb2.Value(bool_value=given)),
        st.just(struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)),
    ]
    if odd:
        simple += [st.just(struct_pb2.Value()), st.integers(1, 32).map(_nested)]
    fields = st.dictionaries(st.sampled_from(keys), st.one_of(simple), max_size=3)
    return fields.map(lambda given: struct_pb2.Struct(fields=given))


def _nested(levels: int) -> struct_pb2.Value:
    value = struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    for level in range(levels):
        if level % 2:
            value = struct_pb2.Value(list_value=struct_pb2.ListValue(values=[value]))
        else:
            value = struct_pb2.Value(struct_value=struct_pb2.Struct(fields={"k": value}))
    return value


@cache
def _enums(field: Field, odd: bool) -> st.SearchStrategy[int]:  # noqa: FBT001 - see _SIMPLE
    known = [value.number for value in field.enum_type.values][1:]  # type: ignore[union-attr]  # an enum's field
    return st.sampled_from([0, 99, -1, 2**31 - 1] if odd else known)


@cache
def _integers(field: Field, odd: bool) -> st.SearchStrategy[int]:  # noqa: FBT001 - see _SIMPLE
    bits = 31 if field.type in (Field.TYPE_INT32, Field.TYPE_SINT32) else 63
    fit = [number for number in _NUMBERS if (-(2**bits) if odd else 0) <= number < 2**bits]
    return st.sampled_from(fit)


_WELL_KNOWN = {
    "google.protobuf.Timestamp": _instants,
    "google.protobuf.Duration": _instants,
    "google.protobuf.Struct": _structs,
}
_SIMPLE: Mapping[int, Any] = {
    Field.TYPE_BOOL: lambda _field, _odd: st.booleans(),
    Field.TYPE_BYTES: lambda _field, _odd: st.binary(min_size=1, max_size=200),
    Field.TYPE_ENUM: _enums,
    Field.TYPE_INT32: _integers,
    Field.TYPE_INT64: _integers,
}
