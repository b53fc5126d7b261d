"""Encryption keys."""

from argparse import Namespace

from cryptography.fernet import Fernet


def create(_arguments: Namespace) -> None:
    """Print a new encryption key."""
    print(Fernet.generate_key().decode())
