"""The loopback flow, with a small program as the browser and a fake Google server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from gala_storage.providers.gdrive.authorize import SCOPE
from tests.fakes.http import Handler, served

AUTHORIZE = """
import sys
from gala_storage import StorageError
from gala_storage.providers.gdrive.authorize import authorize
root, timeout = sys.argv[1:]
try:
    token = authorize("an id", "a secret", timeout=float(timeout),
                      auth_uri=f"{root}/auth", token_uri=f"{root}/token")
    print("token:", token)
except StorageError as error:
    print(type(error).__name__, error)
"""

BROWSER = """#!{python}
import sys, urllib.request
print(urllib.request.urlopen(sys.argv[1]).read().decode())
"""


class _Google(Handler):
    """Redirects the browser at once, with a code or a refusal."""

    answers: dict[str, str]
    grants: dict[str, str]
    queries: list[dict[str, str]]

    def do_GET(self) -> None:  # noqa: N802
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        self.queries.append(query)
        back = urlencode({**self.answers, "state": query["state"]})
        self.answer(302, Location=f"{query['redirect_uri']}?{back}")

    def do_POST(self) -> None:  # noqa: N802
        self.rfile.read(int(self.headers["Content-Length"]))
        body = {"access_token": "a", "expires_in": 3600, "token_type": "Bearer", **self.grants}
        self.answer(200, json.dumps(body).encode(), Content_Type="application/json")


@pytest.fixture
def google() -> Iterator[tuple[str, type[_Google]]]:
    here: type[_Google] = type(
        "_Here",
        (_Google,),
        {"answers": {"code": "4/x"}, "grants": {"refresh_token": "1//new"}, "queries": []},
    )
    with served(here) as root:
        yield root, here


def run(root: str, folder: Path, timeout: float = 20) -> str:
    browser = folder / "browser"
    browser.write_text(BROWSER.format(python=sys.executable))
    browser.chmod(0o755)
    # "&": webbrowser does not wait for the browser to end. OAUTHLIB…: the fake server has no TLS.
    env = {"BROWSER": f"{browser} %s &", "OAUTHLIB_INSECURE_TRANSPORT": "1"}
    command = [sys.executable, "-c", AUTHORIZE, root, str(timeout)]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout


def test_a_person_who_says_yes_gives_a_refresh_token(
    google: tuple[str, type[_Google]], tmp_path: Path
) -> None:
    root, here = google
    assert "token: 1//new" in run(root, tmp_path)
    (query,) = here.queries
    assert (query["scope"], query["access_type"], query["prompt"]) == (SCOPE, "offline", "consent")


def test_a_person_who_says_no_is_understood(
    google: tuple[str, type[_Google]], tmp_path: Path
) -> None:
    root, here = google
    here.answers = {"error": "access_denied"}
    assert "StorageDenied" in run(root, tmp_path)


def test_an_answer_without_a_refresh_token_is_refused(
    google: tuple[str, type[_Google]], tmp_path: Path
) -> None:
    root, here = google
    here.grants = {}
    assert "StorageDenied" in run(root, tmp_path)


def test_nobody_is_waited_for_for_ever(tmp_path: Path) -> None:
    assert "StorageUnavailable" in run("http://127.0.0.1:1", tmp_path, timeout=0.2)
