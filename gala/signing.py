"""Signatures and digests with keys derived from ``GALA_SECRET_KEY``.

Each purpose has a key of its own, so that a signature for one is not valid for another.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final
from urllib.parse import urlencode

from pydantic import SecretStr

MIN_SECRET_CHARACTERS: Final = 32


def _b64(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Keyring:
    """Creates signatures and digests with keys derived from the secret, which repr hides."""

    def __init__(self, secret: SecretStr):
        """Raise ValueError, naming the setting, if the secret is too short."""
        value = secret.get_secret_value()
        if len(value) < MIN_SECRET_CHARACTERS:
            raise ValueError(
                f"GALA_SECRET_KEY: at least {MIN_SECRET_CHARACTERS} characters; generate one with"
                " `python3 -c 'import secrets; print(secrets.token_urlsafe(32))'`"
            )
        self._secret = value.encode()

    def _mac(self, purpose: str, message: str) -> bytes:
        key = hmac.digest(self._secret, f"gala:{purpose}".encode(), hashlib.sha256)
        return hmac.digest(key, message.encode(), hashlib.sha256)

    def key_digest(self, token: str) -> str:
        """Return the keyed digest of an API key: 64 hexadecimal digits."""
        return self._mac("api-key", token).hex()

    def content_signature(self, asset_id: str, expires: int) -> str:
        """Return the signature of a content link, valid until ``expires`` (Unix time)."""
        return _b64(self._mac("content", f"{asset_id}\n{expires}"))

    def content_url(self, base_url: str, asset_id: str, expires: int) -> str:
        """Return a link to an asset's content, valid until ``expires`` without further headers."""
        query = urlencode(
            {"expires": expires, "signature": self.content_signature(asset_id, expires)}
        )
        return f"{base_url}/assets/{asset_id}/content?{query}"

    def is_content_signature(self, signature: str, asset_id: str, expires: int) -> bool:
        """Return True if the signature matches the link; expiry is not checked."""
        expected = self.content_signature(asset_id, expires)
        return hmac.compare_digest(expected.encode(), signature.encode())

    def webhook_secret(self, owner_id: str) -> str:
        """Return the secret of an owner's webhooks in the format of Standard Webhooks."""
        digest = self._mac("webhook", owner_id)
        return f"whsec_{base64.b64encode(digest).decode()}"
