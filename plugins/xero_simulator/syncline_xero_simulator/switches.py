"""Behaviours of Xero that nobody has verified, each a named switch.

The default of a switch is the behaviour that is most likely, or, where nothing is known, the one
that is least convenient for a client. Each field says what turning it means.
"""

import dataclasses
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class GateOrder(StrEnum):
    """In which order the checks after the bearer token are made."""

    TENANT_SCOPE_LIMITS = "tenant-scope-limits"
    SCOPE_TENANT_LIMITS = "scope-tenant-limits"
    LIMITS_TENANT_SCOPE = "limits-tenant-scope"


class IdOrder(StrEnum):
    """How ids compare in `order`."""

    SQL_SERVER = "sql-server"  # by their last bytes first, as the database type does
    TEXT = "text"


class BadAuthorize(StrEnum):
    """What a person sees after an authorize request that names a wrong client or scope."""

    ERROR_PAGE = "error-page"
    DASHBOARD = "dashboard"


class TieRounding(StrEnum):
    """Where a half cent goes."""

    HALF_AWAY = "half-away-from-zero"
    HALF_EVEN = "half-even"


class InclusiveTax(StrEnum):
    """Which of the two parts of a tax-inclusive line is rounded; the other is the rest."""

    TAX_ROUNDED = "tax-rounded"
    NET_ROUNDED = "net-rounded"


class ContactMatch(StrEnum):
    """Which key wins when a posted contact matches two others."""

    NUMBER_THEN_NAME = "number-then-name"
    NAME_THEN_NUMBER = "name-then-number"


class ConcurrentKey(StrEnum):
    """What a second call with the key of a call still under way gets."""

    WAIT = "wait"
    REFUSE = "refuse"


class FailedIds(StrEnum):
    """Which id a failing element carries."""

    ZERO = "zero"
    INVENTED = "invented"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """One named choice per unverified behaviour."""

    # Consent and connections (developer.xero.com: auth flow, connections)
    consent_extra_parameters: bool = True
    """The redirect also carries `scope` and `session_state`."""
    denial_error: str = "access_denied"
    """The `error` that comes back when the person refuses."""
    bad_authorize: BadAuthorize = BadAuthorize.ERROR_PAGE
    """A wrong client or scope ends on an error page or on the dashboard."""
    reconsent_keeps_auth_event: bool = False
    """Consenting again to a connected organisation leaves its `authEventId` as it was."""
    reconnect_keeps_connection_id: bool = True
    """A removed connection that is made again gets its old id back."""
    new_consent_retires_tokens: bool = False
    """A second consent of the same person makes the earlier refresh tokens invalid."""
    # Tokens (developer.xero.com: auth flow, FAQ on OAuth 2.0)
    strict_rotation: bool = False
    """The previous refresh token is refused at once: no 30 minutes of grace."""
    grace_repeats_tokens: bool = False
    """A retry inside the grace window returns the same new refresh token, not another one."""
    access_survives_refresh: bool = True
    """The access token before a refresh works until its own expiry."""
    access_survives_revocation: bool = True
    """After revocation an access token is still accepted (and finds no connections)."""
    # Refusals (developer.xero.com: response codes, FAQ on granular scopes)
    gate_order: GateOrder = GateOrder.TENANT_SCOPE_LIMITS
    """The order of the tenant, scope and limit checks."""
    scope_challenge_body: bool = True
    """The refusal of a missing scope has a problem object beside its header."""
    scope_error_spelled_right: bool = False
    """The challenge says `insufficient_scope` instead of Xero's `insufficent_scope`."""
    problem_lower_case: bool = False
    """Problem objects have lower-case member names."""
    # Limits (developer.xero.com: OAuth 2.0 API limits)
    retry_after_on_concurrent: bool = False
    """A concurrency refusal carries `Retry-After`."""
    retry_after_on_app_minute: bool = False
    """An app-minute refusal carries `Retry-After`."""
    refused_calls_count: bool = False
    """A call refused with 429 uses up allowance."""
    app_minute_problem: str = "appminute"
    """The `X-Rate-Limit-Problem` of the app-wide minute."""
    # Lists (developer.xero.com: requests and responses)
    modified_since_inclusive: bool = True
    """A record changed in the very second of `If-Modified-Since` is returned."""
    not_modified_answers_304: bool = False
    """`If-Modified-Since` with nothing new answers 304 instead of an empty list."""
    id_order: IdOrder = IdOrder.SQL_SERVER
    """What `order=ContactID` and the like go by: the order of the database type, or of the text."""
    list_shows_deleted_invoices: bool = True
    """A plain invoice list contains DELETED and VOIDED ones."""
    # Amounts and tax (developer.xero.com: invoices, tax rates, rounding in Xero)
    tie_rounding: TieRounding = TieRounding.HALF_AWAY
    """How amounts are rounded at exactly half a cent."""
    inclusive_tax: InclusiveTax = InclusiveTax.TAX_ROUNDED
    """Which part of a tax-inclusive line is rounded."""
    tax_uses_effective_rate: bool = True
    """Tax is computed with `EffectiveRate`, not with `DisplayTaxRate`."""
    pending_rates_usable: bool = False
    """A tax rate in status PENDING may be used on a line."""
    # Matching and writing (developer.xero.com: contacts, items, invoices)
    duplicates_refused: bool = True
    """A new record whose name, number or code is taken is refused; off, there are two of them."""
    deleted_number_reusable: bool = False
    """`PUT` may reuse the number of a deleted or voided invoice."""
    contact_names_case_sensitive: bool = False
    """Contact names that differ in case only are two names."""
    invoice_numbers_case_sensitive: bool = False
    """Invoice numbers that differ in case only are two numbers."""
    contact_match: ContactMatch = ContactMatch.NUMBER_THEN_NAME
    """Which key wins when number and name of a posted contact match different contacts."""
    item_post_matches_code: bool = True
    """`POST` of an item without `ItemID` updates the item with the same code."""
    invoice_scope_creates_contacts: bool = True
    """A token with only `accounting.invoices` may create a contact inline."""
    contact_currency_is_invoice_default: bool = True
    """An invoice without a currency takes its contact's default before the organisation's."""
    price_fills_from_item: bool = True
    """A line without `UnitAmount` takes its item's price; off, it loses its `ItemCode`."""
    stock_checked_on_draft: bool = False
    """A draft beyond the stock of a tracked item is refused too."""
    unpaid_returns_to_authorised: bool = True
    """Removing a payment brings a PAID invoice back to AUTHORISED."""
    # Batches (developer.xero.com: requests and responses)
    failed_ids: FailedIds = FailedIds.MIXED
    """Failing elements carry the zero id, an id that does not exist, or now one, now the other."""
    # Idempotency (developer.xero.com: idempotent requests)
    idempotency_includes_tenant: bool = True
    """The tenant is part of what must be equal for a key to be replayed."""
    idempotency_caches_validation: bool = True
    """A 400 is remembered under its key like a success."""
    idempotency_concurrent: ConcurrentKey = ConcurrentKey.WAIT
    """What a simultaneous second call with the same key gets."""
    idempotency_replay_header: bool = False
    """A replayed answer says so in the header `Idempotent-Replayed`."""
    # Webhooks (developer.xero.com: webhooks)
    payments_fire_webhooks: bool = True
    """Recording a payment sends INVOICE UPDATE."""
    people_fire_webhooks: bool = True
    """Approvals, voids and edits by people in Xero send INVOICE UPDATE."""
    # Message texts that no source gives (developer.xero.com: response codes)
    unknown_item_text: str = "Item code '{code}' is not valid"
    """The validation message of an unknown `ItemCode`."""
    unknown_contact_text: str = "The contact could not be found."
    """The validation message of an unknown `ContactID`."""
    currency_text: str = "Organisation is not subscribed to currency {code}"
    """The validation message of a currency the organisation does not use."""
    stock_text: str = "There is not enough stock of item '{code}' to approve this invoice."
    """The validation message of a sale beyond stock."""

    def change(self, wanted: Mapping[str, object]) -> "Switches":
        """Return a copy with `wanted` applied.

        Raises `ValueError` naming the first unknown switch or unsuitable value.
        """
        kinds = typing.get_type_hints(type(self))
        chosen: dict[str, Any] = {
            name: _suitable(name, value, kinds) for name, value in wanted.items()
        }
        return dataclasses.replace(self, **chosen)

    def describe(self) -> dict[str, object]:
        """Return every switch with its current value, ready for JSON."""
        return dataclasses.asdict(self)


def _suitable(name: str, value: object, kinds: Mapping[str, object]) -> object:
    kind = kinds.get(name)
    if not isinstance(kind, type) or isinstance(kind, types.GenericAlias):
        known = ", ".join(sorted(kinds))
        raise ValueError(f"there is no switch {name!r}; there are {known}")  # noqa: TRY004 - the name is wrong, not a type
    if issubclass(kind, StrEnum):
        return _choice(name, value, kind)
    if not isinstance(value, kind):
        raise ValueError(f"switch {name!r} takes {_called(kind)}, not {value!r}")  # noqa: TRY004 - one kind of error for every unsuitable value
    return value


def _choice(name: str, value: object, kind: type[StrEnum]) -> StrEnum:
    for member in kind:
        if member.value == value:
            return member
    raise ValueError(f"switch {name!r} is one of {', '.join(kind)}, not {value!r}")


def _called(kind: type) -> str:
    return "true or false" if kind is bool else "a text"
