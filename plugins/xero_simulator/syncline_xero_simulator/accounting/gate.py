"""What every accounting call must pass before a handler sees it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from syncline_xero_simulator.accounting.endpoints import Endpoint
from syncline_xero_simulator.books.books import Books
from syncline_xero_simulator.connections import Connections
from syncline_xero_simulator.limits import Limit, Limits, Refusal
from syncline_xero_simulator.minting import Mint
from syncline_xero_simulator.oauth.bearer import BearerCheck, BearerError, Caller
from syncline_xero_simulator.oauth.scopes import holds_scope
from syncline_xero_simulator.organisations import Organisations
from syncline_xero_simulator.switches import Switches
from syncline_xero_simulator.wire.json_text import write_json
from syncline_xero_simulator.wire.problems import OFFLINE_TEXT, ProblemError, plain

_CHALLENGE = 'Bearer error="{error}", error_description="Insufficient scope"'
_TITLES = {401: "Unauthorized", 403: "Forbidden"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """An accounting call that asks to be let in."""

    method: str
    authorization: str
    tenant_id: str
    endpoint: Endpoint
    now: datetime
    switches: Switches


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Who was let in, and to whose books."""

    caller: Caller
    books: Books


class Gate:
    """Bearer token first; then tenant, scope and limits in the order the switch says."""

    def __init__(
        self,
        bearer: BearerCheck,
        connections: Connections,
        organisations: Organisations,
        limits: Limits,
        mint: Mint,
    ) -> None:
        self._bearer = bearer
        self._connections = connections
        self._organisations = organisations
        self._limits = limits
        self._mint = mint

    def admit(self, knock: Knock) -> Admission:
        """Let a call in and count it, or raise the problem that turns it away.

        Whoever is admitted leaves again by `Limits.leave`.
        """
        caller = self._caller(knock)
        checks: dict[str, Callable[[Knock, Caller], None]] = {
            "tenant": self._check_tenant,
            "scope": self._check_scope,
            "limits": self._check_limits,
        }
        entered = False
        try:
            for name in knock.switches.gate_order.split("-"):
                checks[name](knock, caller)
                entered = entered or name == "limits"
            return Admission(caller=caller, books=self._books(knock))
        except ProblemError:
            if entered:
                self._limits.leave(knock.tenant_id)
            raise

    def problem(self, status: int, detail: str, switches: Switches) -> ProblemError:
        """Return a 401 or 403 with Xero's problem object."""
        body: dict[str, object] = {
            "Type": None,
            "Title": _TITLES[status],
            "Status": status,
            "Detail": detail,
            "Instance": self._mint.guid(),
            "Extensions": {},
        }
        if switches.problem_lower_case:
            body = {name.lower(): value for name, value in body.items()}
        return ProblemError(status, write_json(body))

    def _caller(self, knock: Knock) -> Caller:
        try:
            return self._bearer.caller(knock.authorization, knock.now)
        except BearerError as error:
            raise self.problem(401, error.detail, knock.switches) from error

    def _books(self, knock: Knock) -> Books:
        books = self._organisations.get(knock.tenant_id)
        if books is None:
            raise self.problem(403, "AuthenticationUnsuccessful", knock.switches)
        return books

    def _check_tenant(self, knock: Knock, caller: Caller) -> None:
        if not self._connections.reaches(caller.user_id, knock.tenant_id):
            raise self.problem(403, "AuthenticationUnsuccessful", knock.switches)
        if not self._organisations.has_role(caller.user_id, knock.tenant_id):
            raise self.problem(401, "AuthorizationUnsuccessful", knock.switches)
        if self._books(knock).profile.is_offline:
            raise plain(503, OFFLINE_TEXT)

    def _check_scope(self, knock: Knock, caller: Caller) -> None:
        if holds_scope(caller.scopes, knock.endpoint.needed_scopes(knock.method)):
            return
        right = knock.switches.scope_error_spelled_right
        error = "insufficient_scope" if right else "insufficent_scope"
        problem = self.problem(401, "AuthorizationUnsuccessful", knock.switches)
        if not knock.switches.scope_challenge_body:
            problem.body = ""
        problem.headers["WWW-Authenticate"] = _CHALLENGE.format(error=error)
        raise problem

    def _check_limits(self, knock: Knock, _caller: Caller) -> None:
        refusal = self._limits.enter(knock.tenant_id, knock.now, knock.switches)
        if refusal is not None:
            raise limit_problem(refusal, knock.switches)


def limit_problem(refusal: Refusal, switches: Switches) -> ProblemError:
    """Return the 429 of a limit; its body says nothing."""
    app_minute = refusal.limit is Limit.APP_MINUTE
    name = switches.app_minute_problem if app_minute else refusal.limit.value
    headers = {"X-Rate-Limit-Problem": name}
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(refusal.retry_after)
    return ProblemError(429, "", "text/html; charset=utf-8", headers)
