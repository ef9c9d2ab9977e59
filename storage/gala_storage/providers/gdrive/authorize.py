"""Authorization by a person, once, to store files in their Google Drive."""

from __future__ import annotations

import webbrowser
from typing import TYPE_CHECKING, Any, Final

from gala_storage.errors import StorageDenied, StorageUnavailable
from gala_storage.registry import sdk_of

if TYPE_CHECKING:
    from google_auth_oauthlib.flow import InstalledAppFlow

SCOPE: Final = "https://www.googleapis.com/auth/drive.file"
"""The narrowest scope that works: only files that GALA created."""

_AUTH_URI: Final = "https://accounts.google.com/o/oauth2/v2/auth"
_TOKEN_URI: Final = "https://oauth2.googleapis.com/token"  # noqa: S105
_ASK: Final = "Open this page and allow GALA to store its files in your Google Drive:\n\n{url}\n"
_THANKS: Final = "GALA may now store its files in your Google Drive. You can close this page."


def authorize(
    client_id: str,
    client_secret: str,
    *,
    open_browser: bool = True,
    port: int = 0,
    timeout: float = 300.0,
    auth_uri: str = _AUTH_URI,
    token_uri: str = _TOKEN_URI,
) -> str:
    """Return the refresh token for ``GDRIVE_REFRESH_TOKEN`` after a person agreed in a browser.

    Prints the page's address and waits until the browser is redirected to this machine.

    :param client_id: that of an OAuth client of the type "desktop app".
    :param port: the port that the browser is redirected to; any free one if 0.
    :param timeout: seconds to wait for the person.
    :raises StorageDenied: the person or Google refused.
    :raises StorageUnavailable: no answer in time, or Google could not be reached.
    """
    with sdk_of("gdrive"):
        from google_auth_oauthlib.flow import (  # noqa: PLC0415
            InstalledAppFlow,
            WSGITimeoutError,
        )
        from oauthlib.oauth2 import OAuth2Error  # type: ignore[import-untyped] # noqa: PLC0415
        from requests import RequestException  # noqa: PLC0415
    client = {
        "client_id": client_id,
        "client_secret": client_secret,
        "auth_uri": auth_uri,
        "token_uri": token_uri,
    }
    flow = InstalledAppFlow.from_client_config({"installed": client}, [SCOPE])
    try:
        credentials = _run(flow, open_browser and _has_browser(), port, timeout)
    except OAuth2Error as refusal:
        raise StorageDenied(f"Google gave no authorization: {refusal}") from refusal
    except (WSGITimeoutError, RequestException) as silence:
        raise StorageUnavailable(f"no authorization received: {silence}") from silence
    if not credentials.refresh_token:
        raise StorageDenied("Google gave no refresh token; remove GALA's access and try again")
    return str(credentials.refresh_token)


def _run(flow: InstalledAppFlow, open_browser: bool, port: int, timeout: float) -> Any:
    return flow.run_local_server(
        host="127.0.0.1",
        port=port,
        open_browser=open_browser,
        authorization_prompt_message=_ASK,
        success_message=_THANKS,
        timeout_seconds=timeout,
        # Without these, Google returns no refresh token, or only the first time.
        access_type="offline",
        prompt="consent",
    )


def _has_browser() -> bool:
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True
