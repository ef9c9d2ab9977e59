"""Imports of storage, and the message for a missing SDK; each in a separate process."""

from __future__ import annotations

import subprocess
import sys

import pytest

VENDORS = ("boto3", "botocore", "googleapiclient", "google.auth", "httplib2", "requests")

BLOCKED = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"boto3", "botocore", "googleapiclient", "google", "httplib2",
                                      "google_auth_httplib2", "google_auth_oauthlib"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocked())
from gala_storage import StorageConfigError, StorageSettings, open_storage
from gala_storage.providers.gdrive.authorize import authorize
settings = StorageSettings(
    storage_provider=sys.argv[1], s3_bucket="b",
    gdrive_client_id="a", gdrive_client_secret="b", gdrive_refresh_token="c",
)
try:
    authorize("a", "b") if sys.argv[1] == "auth" else open_storage(settings)
except StorageConfigError as missing:
    print(missing)
"""


def python(code: str, *arguments: str) -> str:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_importing_storage_loads_no_vendors_sdk() -> None:
    code = "import sys, gala_storage; gala_storage.all_providers(); print(*sys.modules, sep='\\n')"
    loaded = set(python(code).split())
    assert "gala_storage.providers.s3" in loaded
    assert loaded.isdisjoint(VENDORS)


def test_storage_imports_nothing_else_of_gala() -> None:
    code = "import sys, gala_storage; gala_storage.all_providers(); print(*sys.modules, sep='\\n')"
    tops = {name.partition(".")[0] for name in python(code).split()}
    assert {name for name in tops if name.startswith("gala")} == {"gala_storage"}


@pytest.mark.parametrize(
    ("what", "extra"), [("s3", "s3"), ("gdrive", "gdrive"), ("auth", "gdrive")]
)
def test_a_missing_sdk_names_the_extra_to_install(what: str, extra: str) -> None:
    assert f'pip install "gala-platform[{extra}]"' in python(BLOCKED, what)
