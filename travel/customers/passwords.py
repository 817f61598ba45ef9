"""Passwords are kept as scrypt hashes, each with a salt of its own."""

from __future__ import annotations

import hashlib
import hmac
import os

SALT_BYTES = 16
# Cheaper than one would have it in production: sign-in is under load here, on small machines.
SCRYPT_N = 2**13


def new_salt() -> bytes:
    return os.urandom(SALT_BYTES)


def hash_password(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, n=SCRYPT_N, r=8, p=1, dklen=32)


def is_password(password: str, salt: bytes, expected: bytes) -> bool:
    return hmac.compare_digest(hash_password(password, salt), expected)
