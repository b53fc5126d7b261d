"""Saying for whom a service calls."""

PERSON_KEY = "x-syncline-person"
PERSON_TITLE_KEY = "x-syncline-person-title-bin"
PERSON_ROLE_KEY = "x-syncline-person-role"
PERSON_WORKSPACE_KEY = "x-syncline-person-workspace"


def on_behalf_of(
    person: str, title: str = "", *, role: str = "", workspace: str = ""
) -> tuple[tuple[str, str | bytes], ...]:
    """Return the ``metadata`` of a call that is made on behalf of a person.

    The audit trail and the runs the call starts name that person beside the credentials. The server
    takes it from credentials whose role in the workspace is SERVICE only, and refuses it from
    others (:class:`syncline_client.InvalidArgument`)::

        client.integrations.Disconnect(request, metadata=on_behalf_of("u-17", "Mia Patel"))

    :param person: stable id of the person in your own system: 1 to 100 printable ASCII characters
        without blanks.
    :param title: what people call them, at most 100 printable characters; the id when empty.
    :param role: what they may do: ``viewer``, ``operator`` or ``admin``. The call is refused
        (:class:`syncline_client.PermissionDenied`) where that is not enough, whatever the
        credentials may; empty leaves it to them.
    :param workspace: id of the only workspace in which they have the role; calls about others are
        refused likewise. Empty is every workspace.
    """
    said: dict[str, str | bytes] = {
        PERSON_KEY: person,
        PERSON_TITLE_KEY: title.encode(),
        PERSON_ROLE_KEY: role,
        PERSON_WORKSPACE_KEY: workspace,
    }
    return tuple((key, value) for key, value in said.items() if value or key == PERSON_KEY)
