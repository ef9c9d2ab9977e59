"""Access control: every route of the app, for every kind of caller, on a real API.

The table is made from the routes, so that a route that nobody thought of is in it.
"""

from __future__ import annotations

import io
import re
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import httpx
import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from gala.ids import Prefix
from gala.permissions import Permission, Role
from gala_api.app import create_app
from gala_api.auth.access import Access, access_of
from tests.integration.api.identity.conftest import MediaBackend

PUBLIC: Final = {"/", "/health", "/livez", "/readyz", "/openapi.json", "/openapi.yaml"}
VIEWS: Final = {"assets:read", "models:read", "templates:read", "jobs:read"}
EDITS: Final = VIEWS | {"assets:write", "models:write", "templates:write", "jobs:write"}
OPERATES: Final = EDITS | {"jobs:operate", "metrics:read", "quotas:read"}
ADMINISTERS: Final = OPERATES | {"quotas:write", "keys:manage"}
# Repeated here, so that the table is not checked against itself.
MAY: Final = {
    Role.VIEWER: VIEWS,
    Role.EDITOR: EDITS,
    Role.OPERATOR: OPERATES,
    Role.ADMIN: ADMINISTERS,
}
NOBODYS: Final = {
    "assetId": f"{Prefix.ASSET}_01JD3Z4V8QJ6X2M0T5B7C9D1EF",
    "jobId": f"{Prefix.JOB}_01JD3Z4V8QJ6X2M0T5B7C9D1EF",
    "modelId": f"{Prefix.MODEL}_01JD3Z4V8QJ6X2M0T5B7C9D1EF",
    "templateId": f"{Prefix.TEMPLATE}_01JD3Z4V8QJ6X2M0T5B7C9D1EF",
    "keyId": f"{Prefix.API_KEY}_01JD3Z4V8QJ6X2M0T5B7C9D1EF",
}


@dataclass(frozen=True)
class Way:
    """A method of a path, and the access that it requires."""

    method: str
    path: str
    access: Access | None

    def to(self, ids: dict[str, str]) -> str:
        """Return the path for these resources."""
        return re.sub(r"\{(\w+)[^}]*\}", lambda name: ids.get(name[1], "nothing"), self.path)


def ways() -> Iterator[Way]:
    """Return all operations."""
    for context in iter_route_contexts(create_app().routes):
        route = context.original_route
        stated = access_of(route.dependencies) if isinstance(route, APIRoute) else None
        for method in sorted(context.methods or ["mounted"]):
            yield Way(method, str(context.path_format), stated)


WAYS: Final = list(ways())


def asked(pattern: str) -> list[Any]:
    """Return the operations whose path contains this and that are not public."""
    return [
        pytest.param(way, id=f"{way.method} {way.path}")
        for way in WAYS
        if way.path not in PUBLIC and re.search(pattern, way.path)
    ]


GUARDED: Final = asked("")


def status(client: httpx.Client, method: str, path: str, **more: object) -> int:
    """Return the status only, as streams of a waiting job do not end."""
    body: dict[str, Any] = {"json": {}} if method in {"POST", "PATCH", "PUT"} else {}
    with client.stream(method, path, **body, **more) as answer:  # type: ignore[arg-type]
        return answer.status_code


def test_every_route_states_its_permission_or_is_public() -> None:
    assert {way.path for way in WAYS if way.access is None} == PUBLIC


@pytest.mark.parametrize("way", GUARDED)
def test_what_changes_something_needs_more_than_reading(way: Way) -> None:
    assert way.access is not None
    if way.method not in {"GET", "HEAD"}:
        assert way.access.permission is not None
        assert not way.access.permission.endswith(":read")


def askers(permission: Permission | None) -> Iterator[tuple[str, Role, frozenset | None, bool]]:  # type: ignore[type-arg]
    """Yield name, role and scopes of every kind of caller, and whether it is allowed."""
    for role, may in MAY.items():
        yield role, role, None, permission is None or permission in may
    if permission is not None:
        yield "scoped to it", Role.ADMIN, frozenset({permission}), True
        yield "scoped to the rest", Role.ADMIN, frozenset(Permission) - {permission}, False
        few = permission in MAY[Role.VIEWER]
        yield "scoped beyond its role", Role.VIEWER, frozenset({permission}), few


@pytest.mark.parametrize("way", GUARDED)
def test_a_route_lets_in_whom_it_says(locked: MediaBackend, way: Way) -> None:
    path, method = way.to(NOBODYS), way.method
    assert way.access is not None
    with locked.client() as nobody:
        assert status(nobody, method, path) == 401
        assert status(nobody, method, path, headers={"X-API-Key": "gala_guess"}) == 401
    wrong = []
    for name, role, scopes, may in askers(way.access.permission):
        with locked.client(locked.key("ana", role, scopes)) as client:
            answered = status(client, method, path)
        if may != (answered not in {401, 403}):
            wrong.append(f"{name}: {answered}")
    assert wrong == []


@pytest.mark.parametrize("path", sorted(PUBLIC))
def test_everybody_may_see_whether_it_lives(locked: MediaBackend, path: str) -> None:
    with locked.client() as nobody:
        assert nobody.get(path).is_success


def test_how_it_is_in_depth_only_those_who_look_after_it_may_see(locked: MediaBackend) -> None:
    for path in ("/health?deep=true", "/metrics"):
        with locked.client() as nobody:
            assert nobody.get(path).status_code == 401
        with locked.client(locked.key("ana", Role.EDITOR)) as editor:
            assert editor.get(path).status_code == 403
        with locked.client(locked.key("ana", Role.OPERATOR)) as operator:
            assert operator.get(path).status_code == 200


def test_the_401_says_what_is_missing_and_the_403_names_the_permission(
    locked: MediaBackend,
) -> None:
    with locked.client() as nobody:
        refused = nobody.get("/jobs")
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="gala"'
    assert refused.json()["error"]["code"] == "UNAUTHORIZED"
    assert refused.json()["error"]["details"]["reason"] == "missing"
    with locked.client(locked.key("ana", Role.VIEWER)) as viewer:
        refused = viewer.post("/jobs", json={"params": {"text": "hi"}})
    assert refused.status_code == 403
    assert refused.json()["error"]["details"]["permission"] == "jobs:write"
    assert "jobs:write" in refused.json()["error"]["message"]


def test_nobodys_body_is_read_before_it_is_known_whose_it_is(locked: MediaBackend) -> None:
    with locked.client() as nobody:
        for body in (b"no JSON", b"[" * 1000, b"x" * 2_000_000):
            assert nobody.post("/jobs", content=body).status_code == 401


@pytest.fixture(scope="session")
def belongings(locked: MediaBackend) -> dict[str, str]:
    """One resource of each kind, all owned by Ana."""
    with locked.client(locked.key("ana", Role.EDITOR)) as ana:
        sound = io.BytesIO()
        with wave.open(sound, "wb") as file:
            file.setparams((1, 2, 8000, 8000, "NONE", ""))
            file.writeframes(bytes(16000))
        wav = sound.getvalue()
        made = {
            "asset": ana.post("/assets", data={"kind": "music"}, files={"file": ("a.wav", wav)}),
            "model": ana.post("/models", json={"stage_name": "Ana"}),
            "template": ana.post("/templates", json={"type": "hello_render", "name": "Ana's"}),
            "job": ana.post("/jobs", json={"type": "timeline", "params": ANAS_FILM}),
        }
    assert [answer.text for answer in made.values() if not answer.is_success] == []
    ids = {f"{name}Id": answer.json()[name]["id"] for name, answer in made.items()}
    return {**ids, "version": "1"}


ANAS_FILM: Final = {"scenes": [{"elements": [{"type": "text", "text": "Ana's"}]}]}
BELONGING: Final = asked(r"\{(asset|model|template|job)Id\}")


@pytest.mark.parametrize("way", BELONGING)
def test_what_is_anothers_is_not_there(
    locked: MediaBackend, belongings: dict[str, str], way: Way
) -> None:
    path, method = way.to(belongings), way.method
    with locked.client(locked.key("bob", Role.EDITOR)) as bob:
        assert status(bob, method, path) == 404
    for role in (Role.OPERATOR, Role.ADMIN):
        with locked.client(locked.key("bob", role)) as bob:
            answered = status(bob, method, path)
        if way.path.startswith("/jobs/"):
            # Operators may access the jobs of every owner.
            assert answered in {200, 409}
        else:
            assert answered == 404
    # Her job exists, but was not created by `/process`.
    if method in {"GET", "HEAD"} and not way.path.startswith("/process/"):
        # No renderer makes previews of models here, and the template was created without one.
        previews = {"/models/{modelId}/preview": 503, "/templates/{templateId}/preview": 404}
        expected = previews.get(way.path, 200)
        with locked.client(locked.key("ana", Role.VIEWER)) as ana:
            assert status(ana, method, path) == expected


def test_an_operator_without_the_scope_is_as_good_as_anybody(
    locked: MediaBackend, belongings: dict[str, str]
) -> None:
    scopes = frozenset({Permission.JOBS_READ, Permission.JOBS_WRITE})
    with locked.client(locked.key("bob", Role.OPERATOR, scopes)) as bob:
        assert bob.get(f"/jobs/{belongings['jobId']}").status_code == 404
        assert bob.get("/jobs", params={"owner_id": "ana"}).status_code == 403


def test_lists_hold_what_is_ones_own(locked: MediaBackend, belongings: dict[str, str]) -> None:
    lists = {"assets": "asset", "models": "model", "templates": "template", "jobs": "job"}
    for owner, seen in (("ana", True), ("bob", False)):
        with locked.client(locked.key(owner, Role.ADMIN)) as client:
            for plural, name in lists.items():
                found = {one["id"] for one in client.get(f"/{plural}?limit=200").json()[plural]}
                assert (belongings[f"{name}Id"] in found) is seen, (owner, plural)


def test_the_jobs_of_others_are_listed_for_those_who_look_after_them(
    locked: MediaBackend, belongings: dict[str, str]
) -> None:
    asked = {"owner_id": "ana"}
    with locked.client(locked.key("bob", Role.OPERATOR)) as operator:
        found = operator.get("/jobs", params=asked).json()["jobs"]
    assert belongings["jobId"] in {one["id"] for one in found}
    with locked.client(locked.key("bob", Role.EDITOR)) as editor:
        refused = editor.get("/jobs", params=asked)
        assert refused.status_code == 403
        assert refused.json()["error"]["details"]["field"] == "owner_id"
        assert editor.get("/jobs", params={"owner_id": "bob"}).status_code == 200


def test_nobody_makes_anything_of_what_is_anothers(
    locked: MediaBackend, belongings: dict[str, str]
) -> None:
    asset, model, template = (belongings[f"{n}Id"] for n in ("asset", "model", "template"))
    uses = [
        ("/jobs", {"params": {"text": "hi"}, "inputs": {"music_asset_id": asset}}),
        ("/jobs", {"params": {"text": "hi"}, "model_ids": [model]}),
        ("/jobs", {"params": {"text": "hi"}, "template_id": template}),
        ("/models", {"stage_name": "Bob", "asset_ids": [asset]}),
        (
            "/templates",
            {"type": "hello_render", "name": "B", "defaults": {"music_asset_id": asset}},
        ),
    ]
    with locked.client(locked.key("bob", Role.ADMIN)) as bob:
        for path, body in uses:
            assert bob.post(path, json=body).status_code == 404, body


def test_brand_kits_of_others_are_neither_seen_nor_used_nor_deleted(locked: MediaBackend) -> None:
    with (
        locked.client(locked.key("ana", Role.EDITOR)) as ana,
        locked.client(locked.key("bob", Role.ADMIN)) as bob,
    ):
        assert ana.put("/brand-kits/anas", json={"colors": {"text": "red"}}).status_code == 200
        assert bob.get("/brand-kits").json()["brand_kits"] == []
        assert bob.get("/brand-kits/anas").status_code == 404
        assert bob.delete("/brand-kits/anas").status_code == 404
        film = {"type": "timeline", "params": ANAS_FILM, "brand": "anas"}
        plan = {"params": ANAS_FILM, "brand": "anas"}
        assert bob.post("/jobs", json=film).status_code == 404
        assert bob.post("/timeline/plan", json=plan).status_code == 404
        assert bob.put("/brand-kits/anas", json={}).status_code == 200
        kept = ana.get("/brand-kits/anas").json()["brand_kit"]["kit"]
    assert kept["colors"]["text"] == "#ff0000"


def test_me_tells_who_one_is(locked: MediaBackend) -> None:
    scopes = frozenset({Permission.JOBS_READ, Permission.KEYS_MANAGE})
    with locked.client(locked.key("cem", Role.EDITOR, scopes)) as cem:
        me = cem.get("/me").json()["me"]
    assert me["owner_id"] == "cem"
    assert me["role"] == "editor"
    assert me["permissions"] == ["jobs:read"]
    assert me["key_id"].startswith("key_")


def test_each_owner_has_a_webhook_secret_of_their_own(locked: MediaBackend) -> None:
    told = {}
    for owner in ("ana", "bob"):
        with locked.client(locked.key(owner, Role.EDITOR)) as client:
            answer = client.get("/me/webhook-secret")
        assert answer.headers["Cache-Control"] == "no-store"
        told[owner] = answer.json()["webhook_secret"]
    assert told["ana"] != told["bob"]
    assert told["ana"] == locked.keyring.webhook_secret("ana")


def test_a_model_says_whose_key_brought_its_body(locked: MediaBackend) -> None:
    with locked.client(locked.key("ana", Role.EDITOR)) as ana:
        key_id = ana.get("/me").json()["me"]["key_id"]
        made = ana.post("/models", json={"stage_name": "Ana"}).json()["model"]
    assert key_id.startswith("key_")
    assert made["uploaded_by"] | {"at": None} == {"owner_id": "ana", "key_id": key_id, "at": None}
