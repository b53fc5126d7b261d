"""Saying for whom a service calls."""

PERSON_KEY = "x-syncline-person"
PERSON_TITLE_KEY = "x-syncline-person-title-bin"


def on_behalf_of(person: str, title: str = "") -> tuple[tuple[str, str | bytes], ...]:
    """Return the ``metadata`` of a call that is made on behalf of a person.

    The audit trail and the runs the call starts name that person beside the credentials. The server
    takes it from credentials whose role in the workspace is SERVICE only, and refuses it from
    others (:class:`syncline_client.InvalidArgument`)::

        client.integrations.Disconnect(request, metadata=on_behalf_of("u-17", "Mia Patel"))

    :param person: stable id of the person in your own system: 1 to 100 printable ASCII characters
        without blanks.
    :param title: what people call them, at most 100 printable characters; the id when empty.
    """
    said = ((PERSON_KEY, person),)
    return (*said, (PERSON_TITLE_KEY, title.encode())) if title else said
