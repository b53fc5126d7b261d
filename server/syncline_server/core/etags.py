"""Etags: opaque to callers, the row's version to us."""

import hashlib

from syncline_server.core.errors import Aborted, Reason


def of(version: int, owner: str = "") -> str:
    """Return the etag of a version.

    :param owner: an id that tells apart what bears the same name one after the other, such as the
        tax types of one organisation and of another that is connected in its place.
    """
    mark = f"-{hashlib.sha256(owner.encode()).hexdigest()[:8]}" if owner else ""
    return f'"{version}{mark}"'


def refuse_stale(given: str, version: int, resource: str, owner: str = "") -> None:
    """Refuse a change made against an older version; an empty etag asks for no check.

    :param owner: as for :func:`of`.
    :raises Aborted: somebody changed the resource meanwhile.
    """
    if given and given != of(version, owner):
        raise Aborted(
            Reason.STALE_ETAG,
            f"{resource} has changed since you read it: read it again, then retry.",
            resource,
            {"etag": of(version, owner)},
        )
