import secrets
import traceback

import pytest
from cryptography.fernet import Fernet

from syncline_server.core.secrecy import WITHHELD, withheld, withheld_of_traceback

JWT = ".".join(secrets.token_urlsafe(length) for length in (27, 300, 200))


@pytest.mark.parametrize(
    "secret",
    [
        JWT,
        Fernet.generate_key().decode(),
        f"syncline_{secrets.token_urlsafe(32)}",
        "aGVsbG8/d29ybGQ+aGVsbG8/d29ybGQxMjM0/aGVsbG8/d29ybGQ+aGVsbG8x==",
        "onlylettersandstillfartoolongtobeaword",
        "only_lettersandstillfartoolongtobeaword",
        "ONLYCAPITALSANDSTILLFARTOOLONGTOBEAWORD",
        "JBSWY3DPEHPK3PXP_JBSWY3DPEHPK3PXP",
        secrets.token_hex(20),
    ],
    ids=[
        "jwt",
        "key",
        "access token",
        "base64",
        "letters",
        "letters apart",
        "capitals",
        "base32",
        "hex",
    ],
)
@pytest.mark.parametrize(
    "around", ["{}", "refused <{}>", "code={}&state=x", '{{"refresh_token": "{}"}}', "at /{}/x"]
)
def test_what_looks_like_a_secret_is_withheld(secret: str, around: str) -> None:
    """Tokens, keys and codes are taken out whole, wherever they stand."""
    told = withheld(around.format(secret))

    assert WITHHELD in told
    assert not any(part in told for part in secret.replace("/", ".").split(".") if len(part) > 3)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("postgresql://me:short@db/name", f"postgresql://{WITHHELD}@db/name"),
        ("http://proxy:8080 via http://me@proxy", f"http://proxy:8080 via http://{WITHHELD}@proxy"),
        ("Authorization: Bearer short", f"Authorization: {WITHHELD} {WITHHELD}"),
        ("{'password': 'short', 'port': 1}", f"{{'password': '{WITHHELD}', 'port': 1}}"),
        ("client_secret=short&grant_type=x", f"client_secret={WITHHELD}&grant_type=x"),
    ],
)
def test_short_secrets_are_known_by_their_names(text: str, told: str) -> None:
    """A password need not be long to be taken out."""
    assert withheld(text) == told


@pytest.mark.parametrize(
    "text",
    [
        "KeyError: 'ContactID'",
        "invalid literal for int() with base 10: '12,5'",
        "no such file: /usr/lib/python3.11/site-packages/syncline_xero/contacts.py",
        "run workspaces/acme/runs/01HQZX3V5K8N2M4P6R7S9T0VWX has ended",
        "contact 4f2c1a3e-9b7d-4e5f-8a6b-1c2d3e4f5a6b is archived",
        "the token is refused",
        "SYNCLINE_ENCRYPTION_KEYS_COMMAND: exit 1",
        "    ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~^^^^^^^^^",
        "no such file: /srv/site-packages/opentelemetry_sdk_extension-1.2.0.dist-info/METADATA",
        "in syncline_xero.reading.what_was_archived_or_merged_meanwhile",
        "applied storage/migrations/0003_detached_mappings_of_items.py",
    ],
)
def test_what_helps_to_find_a_fault_stays(text: str) -> None:
    """Names, paths, numbers and ids of records are told."""
    assert withheld(text) == text


def test_words_are_told_in_paths_only() -> None:
    """Alone they might be somebody's passphrase."""
    assert withheld("correct-horse-battery-staple-and-more.") == WITHHELD


@pytest.mark.parametrize("unit", ["a.", "a/a_a-", "_"])
def test_a_long_text_takes_no_long_time(unit: str) -> None:
    """However a text is made, reading it takes time by its length alone."""
    assert withheld(unit * 200_000) == unit * 200_000


def refuse(secret: str) -> None:
    """Raise with a secret in the text."""
    raise ValueError(f"refused {secret}\nreally: {secret}")


def test_a_traceback_keeps_its_way_through_the_code() -> None:
    """Files, lines and code are told; of the exception's text, what is no secret."""
    secret = secrets.token_urlsafe(32)
    try:
        refuse(secret)
    except ValueError as error:
        told = withheld_of_traceback("".join(traceback.format_exception(error)))

    assert f'  File "{__file__}"' in told
    assert 'raise ValueError(f"refused {secret}' in told
    assert told.endswith(f"ValueError: refused {WITHHELD}\nreally: {WITHHELD}\n")
