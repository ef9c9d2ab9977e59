"""The owner's list of pronunciations: kept, checked, and applied to the owner's jobs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from gala.client import GalaClient, Pronunciation
from gala.permissions import Role
from tests.integration.api.limits.conftest import TwoApis

GALA = {"text": "GALA", "say": "gala"}
NGINX = {"text": "nginx", "ipa": "/ˈɛndʒɪn ˈɛks/", "language": "en"}  # noqa: RUF001 - IPA


@pytest.fixture
def client(two_apis: TwoApis, owner: str) -> httpx.Client:
    """A client of the owner."""
    return two_apis.clients(two_apis.key(owner))[0]


def put(client: httpx.Client, *listed: dict[str, str]) -> list[dict[str, Any]]:
    answer = client.put("/pronunciations", json={"pronunciations": listed})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["pronunciations"]
    return found


def submitted(client: httpx.Client, type_: str = "tts", **params: Any) -> dict[str, Any]:
    """Submit a job, and return its params."""
    answer = client.post("/jobs", json={"type": type_, "params": params})
    assert answer.status_code == 201, answer.text
    kept: dict[str, Any] = client.get(f"/jobs/{answer.json()['job']['id']}").json()["job"]["params"]
    return kept


def test_a_list_is_kept_for_its_owner_alone(two_apis: TwoApis, client: httpx.Client) -> None:
    assert client.get("/pronunciations").json() == {"pronunciations": []}
    found = put(client, GALA, NGINX)
    assert [one["text"] for one in found] == ["GALA", "nginx"]
    assert found[0] == {"text": "GALA", "say": "gala", "ipa": None, "language": None}
    assert found[1]["ipa"] == NGINX["ipa"].strip("/")
    assert client.get("/pronunciations").json()["pronunciations"] == found
    (other, _) = two_apis.clients(two_apis.key("somebody-else"))
    assert other.get("/pronunciations").json() == {"pronunciations": []}
    assert put(client) == []


def test_a_list_that_changed_in_between_is_not_replaced(client: httpx.Client) -> None:
    tag = client.get("/pronunciations").headers["ETag"]
    body = {"pronunciations": [GALA]}
    answer = client.put("/pronunciations", json=body, headers={"If-Match": tag})
    assert (answer.status_code, answer.headers["ETag"]) == (
        200,
        client.get("/pronunciations").headers["ETag"],
    )
    answer = client.put(
        "/pronunciations", json={"pronunciations": [NGINX]}, headers={"If-Match": tag}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (412, "PRECONDITION_FAILED")
    assert [one["text"] for one in client.get("/pronunciations").json()["pronunciations"]] == [
        "GALA"
    ]


def test_of_many_who_add_at_once_no_entry_is_lost(two_apis: TwoApis, owner: str) -> None:
    key = two_apis.key(owner)

    def add(number: int) -> None:
        added = Pronunciation(text=f"t{number}", say="t")
        with GalaClient(two_apis.urls[number % 2], api_key=key) as gala:
            gala.change_pronunciations(lambda before: [*before, added])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(8)))
    listed = two_apis.clients(key)[0].get("/pronunciations").json()["pronunciations"]
    assert {one["text"] for one in listed} == {f"t{number}" for number in range(8)}


def test_a_viewer_reads_the_list_but_does_not_set_it(two_apis: TwoApis, owner: str) -> None:
    (viewer, _) = two_apis.clients(two_apis.key(owner, Role.VIEWER))
    assert viewer.get("/pronunciations").status_code == 200
    answer = viewer.put("/pronunciations", json={"pronunciations": []})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")


@pytest.mark.parametrize(
    ("listed", "field"),
    [
        ([{"text": "a"}], "pronunciations.0"),
        ([{"text": "a", "ipa": "5"}], "pronunciations.0.ipa"),
        ([{"text": "a", "say": "b", "language": "in es"}], "pronunciations.0.language"),
        ([GALA, GALA], "pronunciations"),
        ([{"text": f"t{n}", "say": "b"} for n in range(501)], "pronunciations"),
        ([{"text": "a", "sya": "b"}], "pronunciations.0.sya"),
    ],
)
def test_a_bad_list_is_refused_and_changes_nothing(
    client: httpx.Client, listed: list[dict[str, str]], field: str
) -> None:
    before = put(client, GALA)
    answer = client.put("/pronunciations", json={"pronunciations": listed})
    assert answer.status_code == 400
    assert answer.json()["error"]["details"]["field"] == field, answer.text
    assert client.get("/pronunciations").json()["pronunciations"] == before


def test_a_job_keeps_the_entries_that_occur_in_its_text(client: httpx.Client) -> None:
    put(client, GALA, NGINX, {"text": "C3", "say": "ce tres"})
    kept = submitted(client, text="GALA and nginx", pronunciations=[{"text": "GALA", "say": "x"}])
    assert [(one["text"], one.get("say")) for one in kept["pronunciations"]] == [
        ("GALA", "x"),
        ("nginx", None),
    ]
    assert "pronunciations" not in submitted(client, text="Nothing of the list")


def test_each_turn_of_a_dialogue_gets_what_occurs_in_it(client: httpx.Client) -> None:
    put(client, GALA, NGINX)
    turns = [{"speaker": "Ann", "text": "Use nginx."}, {"text": "Why?"}, {"text": "GALA!"}]
    speakers = {"Ann": {"pronunciations": [{"text": "Ann", "say": "an"}]}}
    kept = submitted(client, "dialogue", turns=turns, speakers=speakers)["turns"]
    assert [[one["text"] for one in turn.get("pronunciations", ())] for turn in kept] == [
        ["Ann", "nginx"],
        [],
        ["GALA"],
    ]


def test_a_change_of_the_list_does_not_change_what_a_key_stands_for(client: httpx.Client) -> None:
    body = {"type": "tts", "params": {"text": "GALA"}}
    put(client, GALA)
    first = client.post("/jobs", json=body, headers={"Idempotency-Key": "one"}).json()["job"]
    put(client, {"text": "GALA", "say": "other"})
    again = client.post("/jobs", json=body, headers={"Idempotency-Key": "one"}).json()["job"]
    assert again["id"] == first["id"]
    assert again["params"]["pronunciations"] == [GALA]
