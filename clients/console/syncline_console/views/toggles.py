"""Toggles: what is synced, what each also turns on, and what holds it on."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from starlette.responses import Response

from syncline.v1.integration_pb2 import (
    GetSettingsRequest,
    Settings,
    UpdateSettingsRequest,
    UpdateSettingsResponse,
)
from syncline_client import FailedPrecondition
from syncline_console.fragments import Fragment, Looker
from syncline_console.notices import Notice, Tone, done
from syncline_console.people import Role
from syncline_console.routing import CONNECTION, action
from syncline_console.standing import Standing
from syncline_console.templates import listed
from syncline_console.visit import Visit

_WISHES: Final = {"on": True, "off": False}


def _toggles(standing: Standing, _looker: Looker) -> Mapping[str, Any]:
    modules = {each.id: each for each in standing.modules}
    governed = {
        toggle.id: [modules[name] for name in toggle.modules if name in modules]
        for toggle in standing.toggles
    }

    def titles(toggles: Iterable[str]) -> list[str]:
        return [standing.toggle_title(each) for each in toggles]

    return {"toggles": standing.toggles, "governed": governed, "titles": titles}


TOGGLES: Final = Fragment(id="toggles", gather=_toggles)


def switch(visit: Visit) -> Response:
    """Turn one on or off: the form says which, so that two people never undo each other."""
    toggle, wanted = visit.request.path_params["toggle"], _WISHES.get(visit.sent("wanted"))
    standing = visit.standing()
    name = f"{visit.connection}/settings"
    before = visit.ask(visit.client.integrations.GetSettings, GetSettingsRequest(name=name))
    if wanted is None or toggle not in before.settings.toggles:
        return visit.go(visit.path(), Notice(tone=Tone.ERROR, text="There is no such switch."))
    title = standing.toggle_title(toggle)
    if before.settings.toggles[toggle] == wanted:
        return visit.go(visit.path(), _as_wished(title, wanted=wanted))
    settings = Settings(name=name, toggles={toggle: wanted})
    try:
        answer = visit.ask(
            visit.client.integrations.UpdateSettings, UpdateSettingsRequest(settings=settings)
        )
    except FailedPrecondition as error:
        steps = [each.description for each in error.blockers]
        return visit.go(
            visit.path(), Notice(tone=Tone.WARNING, text=f"{title} stays on.", details=tuple(steps))
        )
    return visit.go(visit.path(), _switched(standing, title, answer, wanted=wanted))


def rereads(standing: Standing, modules: list[str]) -> str:
    """Return that these modules read everything again, as a sentence."""
    titles = [standing.title_of(each) for each in modules]
    verb, whose = ("reads", "its") if len(titles) == 1 else ("read", "their")
    return f"{listed(titles)} {verb} everything again on {whose} next run."


def _as_wished(title: str, *, wanted: bool) -> Notice:
    state = "on" if wanted else "off"
    return Notice(
        tone=Tone.INFO,
        text=f"{title} was {state} already, so nothing was changed.",
        details=("Perhaps somebody else was faster.",),
    )


def _switched(
    standing: Standing, title: str, answer: UpdateSettingsResponse, *, wanted: bool
) -> Notice:
    if not wanted:
        return done(
            f"{title} is off.",
            "Its syncs are not started any more, by hand or by themselves.",
            "What was synced stays.",
        )
    also = [standing.toggle_title(each) for each in answer.also_enabled]
    details = [f"{listed(also)} turned on too: {title} needs them."] if len(also) > 1 else []
    details += [f"{also[0]} turned on too: {title} needs it."] if len(also) == 1 else []
    again = list(answer.full_read_modules)
    return done(f"{title} is on.", *details, *([rereads(standing, again)] if again else []))


ROUTES: Final = (
    action(f"{CONNECTION}/toggles/{{toggle}}", switch, needs=Role.ADMIN, back=CONNECTION),
)
