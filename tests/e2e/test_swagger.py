"""The Swagger page in a real browser: it shows the contract, offline, and reaches the API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.contracts.api.documents import operations
from tests.fakes.browser import CHROMIUM, Browser, chromium
from tests.platform.stack import SWAGGER, Stack
from tests.support import http
from tests.support.wait import wait_until

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is at hand")


@pytest.fixture(scope="module")
def stack(api_only: Stack) -> Iterator[Stack]:
    api_only.start(SWAGGER)
    yield api_only
    api_only.stop(SWAGGER)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    with chromium(tmp_path / "profile") as browser:
        yield browser


def text_of(browser: Browser, selector: str) -> str:
    found = browser.evaluate(f"document.querySelector({selector!r})?.innerText ?? ''")
    return str(found)


def test_try_it_out_creates_a_job(stack: Stack, browser: Browser) -> None:
    page = stack.services.swagger_url.replace("127.0.0.1", "localhost")
    browser.open(f"{page}/#/Jobs/createJob")
    wait_until(lambda: text_of(browser, ".opblock .execute"), 30, what="the operation is open")
    shown = browser.evaluate("document.querySelectorAll('.opblock').length")
    document = http.get(f"{stack.base_url}/openapi.json", timeout=30, trust_env=False).json()
    assert shown == sum(operation["tags"] == ["Jobs"] for _, _, operation in operations(document))
    assert text_of(browser, ".title").startswith("GALA API")
    status = ".live-responses-table .response .response-col_status"

    def answered() -> bool:
        # A click before the page has settled is lost; people click again, too.
        browser.evaluate("document.querySelector('.opblock .execute').click()")
        try:
            return wait_until(lambda: "201" in text_of(browser, status), 5)
        except AssertionError:
            return False

    wait_until(answered, 40, what="the API has answered 201")
    assert stack.client.jobs(limit=1)[0].name == "hello-e2e"
    here = {"localhost", "127.0.0.1", None}
    assert {urlsplit(url).hostname for url in browser.requested} <= here
    ports = {urlsplit(url).port for url in browser.requested}
    assert ports - {None} == {stack.services.api_port, stack.services.swagger_port}


_TYPE = """
    (() => {
        const box = document.querySelector(".operation-filter-input");
        const text = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
        text.set.call(box, TEXT);
        box.dispatchEvent(new Event("input", {bubbles: true}));
    })()
"""


def test_the_page_opens_folded_with_jobs_first_and_finds_operations(
    stack: Stack, browser: Browser
) -> None:
    def all_of(selector: str) -> list[str]:
        listed = f"[...document.querySelectorAll({selector!r})].map((one) => one.innerText)"
        return list(browser.evaluate(listed))

    browser.open(stack.services.swagger_url)
    wait_until(lambda: all_of(".opblock-tag"), 30, what="the groups are shown")
    groups = [text.split("\n", 1) for text in all_of(".opblock-tag")]
    assert [name for name, _ in groups[:3]] == ["Jobs", "Assets", "Templates"]
    old = [name for name, description in groups if "For clients of" in description]
    assert {"Process", "Media server"} <= set(old)
    assert old == [name for name, _ in groups[-len(old) :]]
    assert all_of(".opblock") == []
    for typed, found in (
        ("cancel", ["/jobs/{jobId}/cancel"]),
        ("webhook-secret", ["/me/webhook-secret"]),
        ("uploadAsset", ["/assets"]),
    ):
        browser.evaluate(_TYPE.replace("TEXT", json.dumps(typed)))
        wait_until(
            lambda found=found: all_of(".opblock-summary-path") == found,  # type: ignore[misc]
            10,
            what=f"{typed} is found",
        )


def test_a_script_of_the_page_may_use_the_whole_api(stack: Stack, browser: Browser) -> None:
    page = stack.services.swagger_url.replace("127.0.0.1", "localhost")
    browser.open(f"{page}/start.js")
    asked = """
        (async () => {
            const api = API;
            const made = await fetch(`${api}/jobs`, {
                method: "POST",
                headers: {"Content-Type": "application/json", "Idempotency-Key": "a key"},
                body: JSON.stringify({params: {text: "from a browser"}}),
            });
            const gone = await fetch(`${api}/templates/x`, {method: "DELETE"});
            const wrong = await fetch(`${api}/jobs?limit=0`);
            return JSON.stringify([
                made.status, made.headers.get("Location"), gone.status, (await wrong.json()).status,
            ]);
        })()
    """.replace("API", json.dumps(stack.base_url))
    wait_until(
        lambda: browser.evaluate("location.pathname") == "/start.js", 10, what="the page is open"
    )
    made, location, gone, wrong = json.loads(browser.evaluate(asked))
    assert (made, gone, wrong) == (201, 404, 400)
    (job,) = stack.client.jobs(limit=1)
    assert location == f"/jobs/{job.id}"
