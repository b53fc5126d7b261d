"""Contact and item mappings: what is which of ours, and what a person has to settle."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response

from syncline_client import Aborted, FailedPrecondition, InvalidArgument, NotFound
from syncline_console.names import in_line
from syncline_console.notices import Notice, Tone, done, refusal
from syncline_console.people import Role
from syncline_console.record_kinds import CONTACTS, ITEMS, Kind
from syncline_console.record_pairs import STATES, Leaf, Ours, Theirs, Wanted, compare
from syncline_console.routing import CONNECTION, Make, action, page
from syncline_console.visit import View, Visit

_COUNTED: Final = ("ambiguous", "review", "unmapped")
"""The lists that are short, as a rule: counting the mapped ones would be to read them all."""
_MOST_COUNTED: Final = 100
_FOUND: Final = 20
"""Records of ours that a search shows at once."""
_KEPT: Final = ("show", "q", "page")
"""The parameters of a list that its other pages hand back."""


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many records are in a list."""

    number: int
    is_all: bool
    """False where there are more."""

    def __str__(self) -> str:
        return str(self.number) if self.is_all else f"{self.number}+"


def show(kind: Kind, visit: Visit) -> Response:
    """List the provider's records with what they are mapped to."""
    standing = visit.standing()
    counts = _counts(visit, kind)
    query, token = _query(visit, "q"), visit.asked("page")
    listed = _list(visit, query, counts)
    try:
        leaf = kind.listed(visit, Wanted(query=query, states=STATES[listed], token=token))
    except InvalidArgument:
        if not token:
            raise
        return visit.go(_address(visit, kind, {"show": listed, "q": query}))
    return visit.page(
        "record_mappings.html",
        counts=counts,
        here=urlencode({"show": listed, "q": query, "page": token}),
        is_empty=not leaf.found and not query and not token and listed == "all",
        kind=kind,
        leaf=leaf,
        listed=listed,
        pull=standing.pull(kind.record_kind),
        query=query,
        standing=standing,
        start=_address(visit, kind, {"show": listed, "q": query}),
        token=token,
    )


def choose(kind: Kind, visit: Visit) -> Response:
    """Show one record of the provider beside those of ours that it may be."""
    theirs = _find(visit, kind)
    return _choosing(visit, kind, theirs) if theirs else _gone(visit, kind)


def assign(kind: Kind, visit: Visit) -> Response:
    """Tie it to the one that was chosen."""
    id_, ours = _id(visit), visit.sent("ours")
    if not ours:
        told = Notice(tone=Tone.WARNING, text=f"Choose a {kind.words.ours} first.")
        return _again(visit, kind, told)
    try:
        kind.assign(visit, id_, ours, visit.sent("etag"))
    except Aborted:
        now = _find(visit, kind)
        if now is None or now.ours != ours or now.needs_review:  # else the form was sent twice
            return _again(visit, kind, _overtaken(kind))
    except NotFound:
        return _again(visit, kind, _lost(kind))
    except FailedPrecondition as error:
        return _again(visit, kind, _refused(visit, kind, error))
    words = kind.words
    mapped = in_line(kind.get(visit, ours).title)
    text = f"The {words.theirs} {in_line(visit.sent('title'))} is the {words.ours} {mapped} now."
    more = f"What the provider owns of the {words.ours} follows with the next sync."
    return visit.go(_back(visit, kind), done(text, more))


def ask_removal(kind: Kind, visit: Visit) -> Response:
    """Say what it means to leave a record of the provider without one of ours."""
    theirs = _find(visit, kind)
    return _asking(visit, kind, theirs) if theirs else _gone(visit, kind)


def remove(kind: Kind, visit: Visit) -> Response:
    """Leave it without one."""
    try:
        kind.remove(visit, _id(visit), visit.sent("etag"))
    except NotFound:
        return _gone(visit, kind)
    except Aborted:
        now = _find(visit, kind)
        if now is None:
            return _gone(visit, kind)
        if not now.is_detached:  # else the form was sent twice
            return _asking(visit, kind, now, _overtaken(kind))
    words = kind.words
    text = f"The {words.theirs} {in_line(visit.sent('title'))} has no {words.ours} now."
    return visit.go(_back(visit, kind), done(text))


def _choosing(
    visit: Visit, kind: Kind, theirs: Theirs, told: Notice | None = None, *, status: int = 200
) -> Response:
    query = _searched(visit, theirs)
    leaf = _offered(visit, kind, theirs, query)
    return visit.page(
        "record_assign.html",
        status=status,
        back=_back(visit, kind),
        cards=list(zip(leaf.found, compare(theirs, leaf.found, fit=query is None), strict=True)),
        chosen=visit.sent("ours") or theirs.ours,
        here=f"{visit.request.url.path}?{visit.request.url.query}",
        kind=kind,
        next_token=leaf.next_token,
        query=query,
        standing=visit.standing(),
        takers=_takers(visit, kind, leaf.found),
        theirs=theirs,
        told=told,
    )


def _searched(visit: Visit, theirs: Theirs) -> str | None:
    """Return what is searched among ours; None where the candidates say it all."""
    if "q" in visit.request.query_params:
        return _query(visit, "q")
    return None if theirs.candidates or theirs.ours else theirs.words


def _offered(visit: Visit, kind: Kind, theirs: Theirs, query: str | None) -> Leaf[Ours]:
    """Return what can be chosen: what is mapped now, then what is searched or fits."""
    names = [name for name in (theirs.ours,) if name]
    if query is None:
        names += [name for name in theirs.candidates if name != theirs.ours]
        return Leaf(found=_known(visit, kind, names), next_token="")
    token = visit.asked("page")
    leaf = kind.search(visit, Wanted(query=query, size=_FOUND, token=token))
    found = [each for each in leaf.found if each.name != theirs.ours]
    found.sort(key=lambda each: bool(each.mapped_to))  # those that can be chosen first
    return Leaf(found=[*_known(visit, kind, names), *found], next_token=leaf.next_token)


def _known(visit: Visit, kind: Kind, names: Sequence[str]) -> list[Ours]:
    found = []
    for name in names:
        try:
            found.append(kind.get(visit, name))
        except NotFound:  # erased since the mapping was read
            continue
    return found


def _again(visit: Visit, kind: Kind, told: Notice) -> Response:
    theirs = _find(visit, kind)
    if theirs is None:
        return _gone(visit, kind)
    return _choosing(visit, kind, theirs, told, status=409)


def _asking(visit: Visit, kind: Kind, theirs: Theirs, told: Notice | None = None) -> Response:
    return visit.page(
        "record_remove.html",
        status=409 if told else 200,
        back=_back(visit, kind),
        here=f"{visit.request.url.path}?{visit.request.url.query}",
        kind=kind,
        standing=visit.standing(),
        theirs=theirs,
        told=told,
    )


def _overtaken(kind: Kind) -> Notice:
    text = (
        f"Somebody else changed this {kind.words.theirs} meanwhile, so nothing was saved."
        " It is shown as it is now."
    )
    return Notice(tone=Tone.WARNING, text=text)


def _lost(kind: Kind) -> Notice:
    text = f"The {kind.words.ours} you chose is not there any more. Choose another."
    return Notice(tone=Tone.WARNING, text=text)


def _refused(visit: Visit, kind: Kind, error: FailedPrecondition) -> Notice:
    """Say to which record the chosen one belongs, where that is what stands in the way."""
    if error.reason != "RECORD_MAPPED_ELSEWHERE":
        return refusal(error)
    ours = kind.get(visit, visit.sent("ours"))
    taker = _takers(visit, kind, [ours]).get(ours.name)
    words = kind.words
    other = f"the {words.theirs} {in_line(taker.title)}" if taker else f"another {words.theirs}"
    text = f"The {words.ours} {in_line(ours.title)} belongs to {other} already."
    step = f"Remove that mapping first, or choose another {words.ours}."
    return Notice(tone=Tone.WARNING, text=text, details=(step,))


def _takers(visit: Visit, kind: Kind, found: Iterable[Ours]) -> dict[str, Theirs]:
    """Return which other records of the provider have some of ours, by our resource name."""
    known: dict[str, Theirs] = {}
    for each in found:
        if each.taker not in ("", _id(visit)):
            # It may be of another provider, gone since ours was read, or nothing a name can hold.
            with suppress(InvalidArgument, NotFound):
                known[each.name] = kind.mapping(visit, each.taker)
    return known


def _gone(visit: Visit, kind: Kind) -> Response:
    return visit.page(
        "mapping_gone.html",
        status=404,
        back=_back(visit, kind),
        many=kind.id,
        saved="",
        tab=kind.id,
        what=f"This {kind.words.theirs} is not there",
    )


def _find(visit: Visit, kind: Kind) -> Theirs | None:
    try:
        return kind.mapping(visit, _id(visit))
    except (InvalidArgument, NotFound):  # an address may have anything for an id
        return None


def _id(visit: Visit) -> str:
    return str(visit.request.path_params["record"])


def _query(visit: Visit, name: str) -> str:
    return visit.asked(name).replace("\0", "")[:200]


def _list(visit: Visit, query: str, counts: Mapping[str, Count]) -> str:
    """Return which list is shown: what needs a person, unless something else is asked for."""
    asked = visit.asked("show")
    if asked in STATES:
        return asked
    return "settle" if counts["settle"].number and not query else "all"


def _counts(visit: Visit, kind: Kind) -> dict[str, Count]:
    counts = {}
    for each in _COUNTED:
        leaf = kind.listed(visit, Wanted(states=STATES[each], size=_MOST_COUNTED))
        counts[each] = Count(number=len(leaf.found), is_all=not leaf.next_token)
    both = [counts["ambiguous"], counts["review"]]
    counts["settle"] = Count(
        number=sum(each.number for each in both), is_all=all(each.is_all for each in both)
    )
    return counts


def _back(visit: Visit, kind: Kind) -> str:
    """Return the list as it was when somebody left it: only what it understands is handed on."""
    given = dict(parse_qsl(visit.asked("back")))
    return _address(visit, kind, {each: given.get(each, "") for each in _KEPT})


def _address(visit: Visit, kind: Kind, parameters: Mapping[str, str]) -> str:
    query = urlencode({name: value for name, value in parameters.items() if value})
    return visit.path(kind.id) + (f"?{query}" if query else "")


def _routes(kind: Kind) -> tuple[Make, ...]:
    here = f"{CONNECTION}/{kind.id}"
    one = f"{here}/{{record}}"

    def of(view: Callable[[Kind, Visit], Response]) -> View:
        return partial(view, kind)

    return (
        page(here, of(show)),
        page(f"{one}/assign", of(choose), needs=Role.OPERATOR),
        action(f"{one}/assign", of(assign), needs=Role.OPERATOR, back=here),
        page(f"{one}/remove", of(ask_removal), needs=Role.OPERATOR),
        action(f"{one}/remove", of(remove), needs=Role.OPERATOR, back=here),
    )


ROUTES: Final = (*_routes(CONTACTS), *_routes(ITEMS))
