from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from clockwork import Clockwork
from syncline_server.certificates import Certificates, CertificateUnusable, load_pair
from trusting import Trusted, key_of

PLANTED = "planted-key-material"


class Ticking:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the seconds so far."""
        return self.now


@pytest.fixture
def clock() -> Clockwork:
    """What says whether a certificate is good."""
    return Clockwork()


@pytest.fixture
def ticking() -> Ticking:
    """What says when to look at the files again."""
    return Ticking()


@pytest.fixture
def trusted(tmp_path: Path, clock: Clockwork) -> Trusted:
    """A folder with a good pair."""
    trusted = Trusted(folder=tmp_path)
    trusted.renew(begin=clock() - timedelta(days=1), end=clock() + timedelta(days=90))
    return trusted


@pytest.fixture
def certificates(trusted: Trusted, clock: Clockwork, ticking: Ticking) -> Certificates:
    """The pair in use."""
    return Certificates(trusted.files, clock, ticking)


def renew(trusted: Trusted, clock: Clockwork) -> None:
    """Put another good pair in place."""
    trusted.renew(begin=clock() - timedelta(days=1), end=clock() + timedelta(days=180))


def unreadable(trusted: Trusted, _clock: Clockwork) -> str:
    """Take the certificate away."""
    trusted.files.certificate.unlink()
    return "certificate.pem cannot be read: No such file or directory"


def half_written(trusted: Trusted, _clock: Clockwork) -> str:
    """Leave half of the certificate."""
    pem = trusted.files.certificate.read_bytes()
    trusted.files.certificate.write_bytes(pem[: len(pem) // 2])
    return "certificate.pem holds no certificate in PEM"


def no_key(trusted: Trusted, _clock: Clockwork) -> str:
    """Put something else where the key was."""
    trusted.files.key.write_text(PLANTED)
    return "key.pem holds no private key in PEM that can be read without a password"


def another_key(trusted: Trusted, _clock: Clockwork) -> str:
    """Put another certificate's key in place."""
    trusted.files.key.write_bytes(key_of(trusted.issue()))
    return f"key.pem is not the key of {trusted.files.certificate}"


def ended(trusted: Trusted, clock: Clockwork) -> str:
    """Put a pair in place whose time is over."""
    trusted.renew(begin=clock() - timedelta(days=2), end=clock())
    return "certificate.pem ended at"


def not_yet(trusted: Trusted, clock: Clockwork) -> str:
    """Put a pair in place whose time has not come."""
    begin = clock() + timedelta(days=1)
    trusted.renew(begin=begin, end=begin + timedelta(days=1))
    return "certificate.pem begins at"


spoilt = pytest.mark.parametrize(
    "spoil", [unreadable, half_written, no_key, another_key, ended, not_yet]
)
Spoil = Callable[[Trusted, Clockwork], str]


@spoilt
def test_unusable_pair_is_refused_by_file_and_reason(
    trusted: Trusted, clock: Clockwork, spoil: Spoil
) -> None:
    """Whoever starts the server is told which file is wrong and why, and nothing of a key."""
    why = spoil(trusted, clock)

    with pytest.raises(CertificateUnusable) as refused:
        load_pair(trusted.files, clock())

    assert str(refused.value).startswith(f"{trusted.folder}/{why}")
    assert PLANTED not in str(refused.value)
    assert refused.value.__cause__ is None


def test_authorities_of_clients_are_read(trusted: Trusted, clock: Clockwork) -> None:
    """What clients are asked for is part of the pair."""
    files = replace(trusted.files, client_authorities=trusted.authority_file)

    assert load_pair(files, clock()).client_authorities == trusted.authority_pem


def test_authorities_that_hold_no_certificate_are_refused(
    trusted: Trusted, clock: Clockwork
) -> None:
    """An empty file would let nobody in, or anybody."""
    empty = trusted.folder / "empty.pem"
    empty.touch()

    with pytest.raises(CertificateUnusable, match=r"empty\.pem holds no certificate"):
        load_pair(replace(trusted.files, client_authorities=empty), clock())


def test_key_is_not_in_what_is_printed(certificates: Certificates) -> None:
    """A pair in a traceback or a log gives no key away."""
    assert "PRIVATE" not in repr(certificates.pair)


def test_unchanged_files_are_not_news(certificates: Certificates, ticking: Ticking) -> None:
    """A handshake without a renewal goes on with the pair in use."""
    ticking.now = 60

    assert certificates.renewed() is None


def test_renewed_pair_is_taken(
    trusted: Trusted, certificates: Certificates, clock: Clockwork, ticking: Ticking
) -> None:
    """What was put in place is shown from the next handshake on, and told once."""
    before = certificates.pair
    renew(trusted, clock)
    ticking.now = 1

    with capture_logs() as logs:
        pair = certificates.renewed()

    assert pair == certificates.pair != before
    assert [line["action"] for line in logs] == ["certificate_renewed"]


def test_files_are_looked_at_once_a_second(
    trusted: Trusted, certificates: Certificates, clock: Clockwork, ticking: Ticking
) -> None:
    """However many handshakes there are, the disk is asked once a second."""
    renew(trusted, clock)
    ticking.now = 0.9

    assert certificates.renewed() is None


@spoilt
def test_broken_renewal_keeps_the_pair_in_use(
    trusted: Trusted, certificates: Certificates, clock: Clockwork, ticking: Ticking, spoil: Spoil
) -> None:
    """Nobody is shown a broken pair; the log says so once, however long it lasts."""
    before = certificates.pair
    why = spoil(trusted, clock)

    with capture_logs() as logs:
        for second in range(1, 4):
            ticking.now = second
            assert certificates.renewed() is None

    assert certificates.pair == before
    (line,) = logs
    assert (line["action"], line["log_level"]) == ("certificate_kept", "error")
    assert why in line["why"]


def test_mended_renewal_is_taken(
    trusted: Trusted, certificates: Certificates, clock: Clockwork, ticking: Ticking
) -> None:
    """Certificate and key are written one after the other; the pair is taken once both are."""
    leaf = trusted.issue(begin=clock() - timedelta(days=1), end=clock() + timedelta(days=180))
    trusted.files.certificate.write_bytes(b"".join(each.bytes() for each in leaf.cert_chain_pems))
    ticking.now = 1
    with capture_logs():
        assert certificates.renewed() is None
    trusted.files.key.write_bytes(key_of(leaf))
    ticking.now = 2

    assert certificates.renewed() is not None


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (14.1, []),
        (14, ["certificate_ends"]),
        (0.1, ["certificate_ends"]),
        (0, ["certificate_ended"]),
    ],
)
def test_end_of_the_certificate_is_told(
    trusted: Trusted, clock: Clockwork, ticking: Ticking, days: float, told: list[str]
) -> None:
    """The log warns from two weeks before the end, and calls it an error afterwards."""
    begin = clock() - timedelta(days=1)
    trusted.renew(begin=begin, end=clock() + timedelta(days=20))
    certificates = Certificates(trusted.files, clock, ticking)
    clock.advance(seconds=timedelta(days=20 - days).total_seconds())

    with capture_logs() as logs:
        certificates.tell_end()

    assert [line["action"] for line in logs] == told
