"""Which addresses of the network never leave this machine."""

from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit


def is_loopback(address: str) -> bool:
    """Return whether an IP address in its usual form is this machine's alone.

    An IPv4 address inside an IPv6 one (RFC 4291, 2.5.5.2) is what it is by itself.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return (mapped or parsed).is_loopback


def is_confidential(url: str) -> bool:
    """Return whether what is fetched from there is read and changed by nobody on the way.

    It is over HTTPS, and over HTTP from this machine.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        bare = parts.username is None and parts.password is None and parts.port != 0
    except ValueError:  # a malformed host or port
        return False
    local = host == "localhost" or is_loopback(host)
    return bare and bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and local))
