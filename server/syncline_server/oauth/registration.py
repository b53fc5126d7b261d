"""What a provider knows us by."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Registration:
    """Our registration as a client of one provider; given by the operator."""

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uris: tuple[str, ...]
    """Where the provider may send people back to; each matches exactly."""
