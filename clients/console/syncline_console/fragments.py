"""Parts of a connection's pages that change live: drawn into pages, and sent by themselves."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import jinja2
from markupsafe import Markup

from syncline_console.people import Role
from syncline_console.standing import Standing

CSRF_PLACE: Final = secrets.token_urlsafe(24)
"""Stands for a session's ``csrf`` in what is drawn for several. No name has it: nobody knows it."""


@dataclass(frozen=True, kw_only=True)
class Looker:
    """For whom a fragment is drawn: all who share these see the same."""

    workspace: str
    provider: str
    role: Role | None
    """What they may do in the workspace."""

    def may(self, role: str) -> bool:
        """Return whether they may do what this role may."""
        return self.role is not None and self.role.includes(Role(role))

    def path(self, *parts: str) -> str:
        """Return the address of a page of the connection: ``path("runs", run_id)``."""
        start = f"/workspaces/{self.workspace}/integrations/{self.provider}"
        return "/".join((start, *parts))


Gather = Callable[[Standing, Looker], Mapping[str, Any]]
"""Returns what a fragment's template needs beside ``standing``, ``looker`` and ``csrf``."""


@dataclass(frozen=True, kw_only=True)
class Fragment:
    """One part. Its template is ``fragments/<id>.html``; the root element has the same id."""

    id: str
    gather: Gather

    def render(
        self, templates: jinja2.Environment, standing: Standing, looker: Looker, csrf: str
    ) -> Markup:
        """Return it as HTML, decided by its arguments alone."""
        values = self.gather(standing, looker)
        template = templates.get_template(f"fragments/{self.id}.html")
        html = template.render(standing=standing, looker=looker, csrf=csrf, **values)
        return Markup(html)  # noqa: S704 - the template escapes
