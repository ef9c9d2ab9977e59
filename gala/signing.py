"""What GALA signs and derives with its one secret, ``GALA_SECRET_KEY``.

Each purpose has a key of its own, so that what one signs is worth nothing to another.
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
    """Signs and digests with keys that are derived from the secret. Its repr shows nothing."""

    def __init__(self, secret: SecretStr):
        """Raise ValueError, naming the setting, for a secret too short to be one."""
        value = secret.get_secret_value()
        if len(value) < MIN_SECRET_CHARACTERS:
            raise ValueError(
                f"GALA_SECRET_KEY: at least {MIN_SECRET_CHARACTERS} characters; make one with"
                " `python3 -c 'import secrets; print(secrets.token_urlsafe(32))'`"
            )
        self._secret = value.encode()

    def _mac(self, purpose: str, message: str) -> bytes:
        key = hmac.digest(self._secret, f"gala:{purpose}".encode(), hashlib.sha256)
        return hmac.digest(key, message.encode(), hashlib.sha256)

    def key_digest(self, token: str) -> str:
        """What is kept of an API key: 64 hexadecimal digits that do not lead back to it."""
        return self._mac("api-key", token).hex()

    def content_signature(self, asset_id: str, expires: int) -> str:
        """The signature of a link to an asset's bytes that holds until ``expires`` (Unix time)."""
        return _b64(self._mac("content", f"{asset_id}\n{expires}"))

    def content_url(self, base_url: str, asset_id: str, expires: int) -> str:
        """A link to an asset's bytes that needs no header and holds until ``expires``."""
        query = urlencode(
            {"expires": expires, "signature": self.content_signature(asset_id, expires)}
        )
        return f"{base_url}/assets/{asset_id}/content?{query}"

    def is_content_signature(self, signature: str, asset_id: str, expires: int) -> bool:
        """Whether the signature is that of this link; whether it still holds is not asked."""
        wanted = self.content_signature(asset_id, expires)
        return hmac.compare_digest(wanted.encode(), signature.encode())

    def webhook_secret(self, owner_id: str) -> str:
        """The secret that an owner's webhooks are signed with, in Standard Webhooks' form."""
        digest = self._mac("webhook", owner_id)
        return f"whsec_{base64.b64encode(digest).decode()}"
