"""Settings: what each module takes, and how often it runs by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from starlette.responses import Response

from syncline.v1.integration_pb2 import (
    GetSettingsRequest,
    Settings,
    UpdateSettingsRequest,
    UpdateSettingsResponse,
)
from syncline_client import Aborted, InvalidArgument
from syncline_console import intervals, options
from syncline_console.advice import Guide
from syncline_console.notices import Notice, Tone, done
from syncline_console.ownership import owned_by
from syncline_console.people import Role
from syncline_console.routing import CONNECTION, action, page
from syncline_console.settings_form import (
    Draft,
    Field,
    Rows,
    Section,
    changed,
    draft,
    is_overtaken,
    merged_rows,
    sections,
    stored_rows,
    typed_rows,
)
from syncline_console.standing import Standing
from syncline_console.views.toggles import rereads
from syncline_console.visit import Visit

_INVALID: Final = 422
_CONFLICT: Final = 409
_STALE: Final = "STALE_ETAG"
_LONGEST: Final = 40
"""Characters of a title or value in a notice; notices are kept in a cookie."""
_MOST: Final = 6
"""Changes a notice names."""


@dataclass(frozen=True, kw_only=True)
class _Form:
    """What can be set, and how it stands now."""

    standing: Standing
    settings: Settings
    sections: Sequence[Section]

    @property
    def fields(self) -> list[Field]:
        return [each for section in self.sections for each in section.fields]


def show(visit: Visit) -> Response:
    """Show all of it as it is stored."""
    form = _form(visit)
    return _page(visit, form, stored_rows(form.fields))


def save(visit: Visit) -> Response:
    """Store what was typed, unless somebody else changed any of it meanwhile."""
    form = _form(visit)
    posted = draft(form.fields, visit.sent, visit.form.__contains__)
    if _overtaken(form, posted):
        return _conflict(visit, form, posted)
    new, wrong = changed(form.fields, posted)
    if wrong:
        return _invalid(visit, form, posted, wrong)
    if not new:
        return visit.go(visit.path("settings"), _unchanged(posted))
    try:
        answer = visit.ask(visit.client.integrations.UpdateSettings, _request(form, new))
    except InvalidArgument as error:
        return _invalid(visit, form, posted, _refused(error))
    except Aborted as error:
        if error.reason != _STALE:
            raise
        return _late(visit, _form(visit), posted)
    return visit.go(visit.path("settings"), _saved(form, new, answer))


def _form(visit: Visit) -> _Form:
    standing = visit.standing()
    request = GetSettingsRequest(name=f"{visit.connection}/settings")
    settings = visit.ask(visit.client.integrations.GetSettings, request).settings
    return _Form(
        standing=standing, settings=settings, sections=sections(standing.modules, settings)
    )


def _overtaken(form: _Form, posted: Draft) -> bool:
    """Return whether somebody else stored a field of the page otherwise.

    This asks for values, not for the etag: a toggle that was flipped changes that too.
    """
    return any(is_overtaken(each, posted) for each in form.fields)


def _late(visit: Visit, form: _Form, posted: Draft) -> Response:
    """Answer somebody who was overtaken while saving, perhaps by the same form."""
    if not _overtaken(form, posted) and not any(changed(form.fields, posted)):
        return visit.go(visit.path("settings"), _unchanged(posted))
    return _conflict(visit, form, posted)


def _unchanged(posted: Draft) -> Notice:
    """Say that there was nothing to store; a form that was sent twice has done what it should."""
    if posted.typed == posted.was:
        return Notice(tone=Tone.INFO, text="Nothing was changed.")
    return done("It is saved like that already.")


def _request(form: _Form, new: Mapping[str, str]) -> UpdateSettingsRequest:
    """Return the request; only what changes is named, so that the audit trail tells just that."""
    settings = Settings(name=form.settings.name, etag=form.settings.etag)
    for each in form.fields:
        if each.name in new:
            each.put(settings, new[each.name])
    return UpdateSettingsRequest(settings=settings)


def _refused(error: InvalidArgument) -> dict[str, str]:
    """Return by field why the server does not take it, as sentences."""
    return {
        each.field.removeprefix("settings."): f"It {each.description}." for each in error.violations
    }


def _invalid(visit: Visit, form: _Form, posted: Draft, wrong: Mapping[str, str]) -> Response:
    rows = typed_rows(form.fields, posted, wrong)
    others = [said for name, said in wrong.items() if name not in rows]
    return _page(visit, form, rows, status=_INVALID, others=others)


def _conflict(visit: Visit, form: _Form, posted: Draft) -> Response:
    return _page(visit, form, merged_rows(form.fields, posted), status=_CONFLICT)


def _page(
    visit: Visit, form: _Form, rows: Rows, *, status: int = 200, others: Sequence[str] = ()
) -> Response:
    return visit.page(
        "settings.html",
        status=status,
        standing=form.standing,
        sections=form.sections,
        rows=rows,
        wrong=[row for row in rows.values() if row.wrong],
        others=others,
        overtaken=[row for row in rows.values() if row.theirs],
        conflict=status == _CONFLICT,
        owned_by=owned_by,
        guide=Guide(standing=form.standing, looker=visit.looker),
        intervals=intervals,
        options=options,
    )


def _saved(form: _Form, new: Mapping[str, str], answer: UpdateSettingsResponse) -> Notice:
    after = replace(form, sections=sections(form.standing.modules, answer.settings))
    told = [
        f"{_clipped(now.title)}: {_worded(now)} (was {_worded(was)})"
        for was, now in zip(form.fields, after.fields, strict=True)
        if was.name in new
    ]
    more = [f"And {len(told) - _MOST} more."] if len(told) > _MOST else []
    again = list(answer.full_read_modules)
    last = [rereads(form.standing, again)] if again else []
    return done("Settings are saved.", *told[:_MOST], *more, *last)


def _worded(field: Field) -> str:
    return _clipped(field.words(field.stored))


def _clipped(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


ROUTES: Final = (
    page(f"{CONNECTION}/settings", show),
    action(f"{CONNECTION}/settings", save, needs=Role.ADMIN, back=f"{CONNECTION}/settings"),
)
