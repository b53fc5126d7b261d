"""What can come of asking for tokens, sorted by who must act.

The tree::

    OAuthError
    ├── GrantDead             the person must consent again
    ├── GrantUnreadable       the operator must give back the key it was encrypted with
    ├── ClientMisconfigured   the operator must mend our registration; the person's grant may live
    └── EndpointUnavailable   nobody: the same request may be repeated later

None carries tokens, codes or the provider's own words.
"""

from datetime import timedelta


class OAuthError(Exception):
    """Base of everything the token endpoint's client raises."""


class GrantDead(OAuthError):  # noqa: N818 - named by what is the case
    """The code or refresh token is used up, expired or revoked (``invalid_grant``)."""


class GrantUnreadable(OAuthError):  # noqa: N818 - named by what is the case
    """No encryption key of this server opens the grant that is stored; it may well live."""


class ClientMisconfigured(OAuthError):  # noqa: N818 - named by what is the case
    """The provider does not know us, or not for this; ``code`` is its error code if it gave one."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the token endpoint refused this client: {code}")
        self.code = code


class EndpointUnavailable(OAuthError):  # noqa: N818 - named by what is the case
    """The token endpoint could not be reached, or its answer says nothing about the grant.

    :param retry_after: before then nobody asks again; None when that was not decided.
    :param at_work: whether the endpoint may be at work on the call still.
    """

    def __init__(
        self, message: str, retry_after: timedelta | None = None, *, at_work: bool = False
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.at_work = at_work
