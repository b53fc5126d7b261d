"""What a module raises to say what the host should do next.

The tree::

    PluginError
    ├── RetryLater   park the run; it is taken up again from its last stored page
    ├── AccessLost   the provider no longer lets us in: the connection needs a person
    ├── RunFailed    this run cannot succeed; say why and what to do
    │   └── HostRefused   raised *by the host*: a call to somewhere else was not made
    ├── RunStopped   raised *by the host* out of any context call; let it pass
    ├── RecordRejected   the provider refused to create a record and holds nothing of it
    └── OutcomeUnknown   nobody can tell whether a record was created

The last two are for ``Creator.create`` only; see :mod:`syncline_sdk.creating`.

One record that cannot be processed is not an error: report it with ``ctx.issue(...)`` and go on.
Any other exception fails the run with a fixed sentence, and its text goes to the log only.
"""

from __future__ import annotations

from datetime import timedelta


class PluginError(Exception):
    """Base of everything a module raises on purpose."""


class RetryLater(PluginError):  # noqa: N818 - named by what the host does, not as an error
    """The provider cannot answer now.

    ``after`` is how long it asked us to wait; None leaves the pause to the host. The run is parked
    in state WAITING and taken up again by itself. ``message`` is shown to people, so it says what
    is being waited for.
    """

    def __init__(self, message: str, *, after: timedelta | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.after = after


class AccessLost(PluginError):  # noqa: N818 - named by what the host does, not as an error
    """The provider says that our access to this organisation is gone.

    The connection becomes RECONNECT_REQUIRED and every run of it ends. Raise it only when the
    provider has said so (for Xero: the organisation is no longer among the connections), never for
    one refused call. ``message`` is shown to people.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class RunFailed(PluginError):  # noqa: N818 - named by what the host does, not as an error
    """The run cannot succeed.

    ``code`` is stable and UPPER_SNAKE, ``message`` says what happened and ``action`` what a person
    can do about it.
    """

    def __init__(self, code: str, message: str, *, action: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.action = action


class HostRefused(RunFailed):
    """A call was not made, since it would go where the provider is not. Nothing has left.

    Raised by the client a plugin is given, at once, for the address itself and for each one it is
    redirected to; see ``Provider.hosts``.
    """

    def __init__(self, message: str, *, action: str = "", code: str = "HOST_NOT_DECLARED") -> None:
        super().__init__(code, message, action=action)


class RunStopped(PluginError):  # noqa: N818 - named by what the host does, not as an error
    """The host wants this run to end: cancelled, disconnected, or taken over by another worker.

    Raised out of context calls. A module lets it pass, after closing what it opened itself.
    """


class RecordRejected(PluginError):  # noqa: N818 - named by what happened, not as an error
    """The provider refused to create a record, and holds nothing of it.

    ``code`` is stable and UPPER_SNAKE; ``message`` is the provider's reason, for people.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class OutcomeUnknown(PluginError):  # noqa: N818 - named by what happened, not as an error
    """A record was sent, and nobody can tell whether it was created.

    ``answered`` says that the provider has ended the call, so that not to find the record is proof
    that it was not created. After a cut connection the call may still be at work.
    """

    def __init__(self, message: str, *, answered: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.answered = answered
