"""Writing several elements in one call."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from syncline_xero_simulator.accounting.call import Call
from syncline_xero_simulator.minting import ZERO_ID
from syncline_xero_simulator.rules.writing import RefusedError, Written
from syncline_xero_simulator.switches import FailedIds
from syncline_xero_simulator.wire.envelope import Listing, rendered
from syncline_xero_simulator.wire.inbound import Element, PostDataError
from syncline_xero_simulator.wire.problems import post_data_problem, validation_problem

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Noun(Generic[R]):
    """How one kind of record is written and shown.

    `error_flag` is the member that says an element failed; `always_status` tells whether
    `StatusAttributeString` is shown outside `summarizeErrors=false` too.
    """

    collection: str
    id_name: str
    write: Callable[[Element], Written[R]]
    show: Callable[[R], dict[str, Any]]
    saved: Callable[[Written[R]], None]
    error_flag: str = "HasErrors"
    always_status: bool = False


def write_all(call: Call, noun: Noun[R], elements: list[Element]) -> Listing:
    """Save what can be saved and answer as `summarizeErrors` asks.

    Raises the 400 that carries the failing elements only, valid ones being saved all the same.
    """
    shown: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for position, element in enumerate(elements):
        try:
            written = noun.write(element)
        except RefusedError as error:
            refused = _refused(call, noun, element, error, position)
            failed.append(refused)
            shown.append(refused)
        except PostDataError as error:
            raise post_data_problem(str(error)) from error
        else:
            noun.saved(written)
            shown.append(_saved(call, noun, written))
    if failed and call.summarises:
        raise validation_problem(failed)
    return Listing(collection=noun.collection, records=rendered(shown))


def _saved(call: Call, noun: Noun[R], written: Written[R]) -> dict[str, Any]:
    shown = noun.show(written.record)
    if noun.always_status or not call.summarises:
        shown["StatusAttributeString"] = "WARNING" if written.warnings else "OK"
    if written.warnings:
        shown["Warnings"] = _messages(written.warnings)
    return shown


def _refused(
    call: Call, noun: Noun[R], element: Element, error: RefusedError, position: int
) -> dict[str, Any]:
    shown = {
        **element.data,
        noun.id_name: _failed_id(call, position),
        noun.error_flag: True,
        "ValidationErrors": _messages(error.messages),
    }
    if not call.summarises or noun.always_status:
        shown["StatusAttributeString"] = "ERROR"
    if error.contact_messages:
        contact = element.child("Contact")
        shown["Contact"] = {
            **(contact.data if contact else {}),
            "HasValidationErrors": True,
            "ValidationErrors": _messages(error.contact_messages),
        }
    return shown


def _failed_id(call: Call, position: int) -> str:
    match call.switches.failed_ids:
        case FailedIds.ZERO:
            return ZERO_ID
        case FailedIds.INVENTED:
            return call.mint.guid()
        case FailedIds.MIXED:
            return call.mint.guid() if position % 2 else ZERO_ID


def _messages(messages: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"Message": message} for message in messages]
