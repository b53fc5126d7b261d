"""Etags: opaque to callers, the row's version to us."""

from syncline_server.core.errors import Aborted, Reason


def of(version: int) -> str:
    """Return the etag of a version."""
    return f'"{version}"'


def refuse_stale(given: str, version: int, resource: str) -> None:
    """Refuse a change made against an older version; an empty etag asks for no check.

    :raises Aborted: somebody changed the resource meanwhile.
    """
    if given and given != of(version):
        raise Aborted(
            Reason.STALE_ETAG,
            f"{resource} has changed since you read it: read it again, then retry.",
            resource,
            {"etag": of(version)},
        )
