"""Invalid requests: an error that names the field and a remedy, and nothing left behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.platform.stack import Stack
from tests.support.leak_check import nothing_left

NOBODY = "01JD3Z4V8QJ6X2M0T5B7C9D1EF"
JSON = {"content-type": "application/json"}


@pytest.fixture(autouse=True)
def nothing_is_left(api_only: Stack) -> Iterator[None]:
    with nothing_left(api_only):
        yield


def refusal(
    answer: httpx.Response, status: int, code: str, field: str | None, says: str
) -> dict[str, Any]:
    """Check that a response is this error, in both formats, and return its details."""
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    error = body["error"]
    assert error["code"] == code
    assert body["status"] == status
    assert body["detail"] == error["message"]
    assert body["instance"] == answer.request.url.path
    assert error["details"].get("field") == field
    assert says in json.dumps(error, ensure_ascii=False)
    assert len(answer.content) < 10_000
    details: dict[str, Any] = error["details"]
    return details


@dataclass
class Bad:
    """An invalid body of POST /jobs, and the error that is expected."""

    name: str
    body: Any
    field: str
    says: str
    path: str = "/jobs"
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


def output(**fields: Any) -> dict[str, Any]:
    return {"params": {"text": "x"}, "output": {"format": {"width": 64, "height": 112} | fields}}


HELLO = {"type": "hello_render", "name": "n"}
BAD = [
    Bad("no text", {"name": "hello-e2e", "params": {}}, "params.text", "required"),
    Bad("nothing", {}, "params.text", "required"),
    Bad("text is a number", {"params": {"text": 5}}, "params.text", "valid string"),
    Bad("text is empty", {"params": {"text": ""}}, "params.text", "at least 1 character"),
    Bad("text is blank", {"params": {"text": " \n "}}, "params.text", "to be seen"),
    Bad("text has a bell", {"params": {"text": "a\x07"}}, "params.text", "control characters"),
    Bad("text has a NUL", {"params": {"text": "a\0b"}}, "params.text", "U+0000"),
    Bad("text is too long", {"params": {"text": "x" * 501}}, "params.text", "500 characters"),
    Bad("params are a list", {"params": []}, "params", "object"),
    Bad("a mistyped param", {"params": {"txt": "x"}}, "params.txt", "did you mean 'text'?"),
    Bad("a mistyped field", {"parms": {"text": "x"}}, "parms", "did you mean 'params'?"),
    Bad(
        "a mistyped choice",
        {"params": {"text": "x", "overlay_fit": "covr"}},
        "params.overlay_fit",
        "did you mean 'cover'?",
    ),
    Bad("a strange field", {"params": {"text": "x"}, "zzz": 1}, "zzz", "Known here: name, type"),
    Bad(
        "a mistyped field deep inside",
        {"params": {"text": "x"}, "output": {"formt": {}}},
        "output.formt",
        "did you mean 'format'?",
    ),
    Bad("an odd width", output(width=65, fps=10), "output.format.width", "multiple of 2"),
    Bad("a width in text", output(width="64", fps=10), "output.format.width", "valid integer"),
    Bad("a huge width", output(width=9_999_998, fps=10), "output.format.width", "4096"),
    Bad("no frames", output(fps=0), "output.format.fps", "greater than or equal to 1"),
    Bad("no frame rate", output(), "output.format.fps", "required"),
    Bad(
        "format and ratio disagree",
        {"params": {"text": "x"}, "output": output(fps=9)["output"] | {"aspect_ratio": "16:9"}},
        "output.format",
        "send only one of them",
    ),
    Bad("an integer of 5000 digits", '{"params":%s}' % ("9" * 5000), "body", "out of range"),
    Bad(
        "a number beyond floats",
        '{"params":{"text":"x","music_volume_db":1e999}}',
        "params.music_volume_db",
        "out of range",
    ),
    Bad("NaN", '{"params":{"music_volume_db":NaN}}', "body", "not valid JSON"),
    Bad("infinity", '{"params":{"music_volume_db":Infinity}}', "body", "not valid JSON"),
    Bad("a lone surrogate", r'{"params":{"text":"\ud800"}}', "body", "not valid JSON"),
    Bad("bytes that are no UTF-8", b'{"params":{"text":"\xff"}}', "body", "not valid JSON"),
    Bad("UTF-16", '{"params":{}}'.encode("utf-16"), "body", "not valid JSON"),
    Bad("a NUL in a name", '{"params":{"a\\u0000b":1}}', "params", "U+0000"),
    Bad(
        "a cut that ends before it begins",
        {
            "type": "trim",
            "params": {"start": 2, "end": 1},
            "inputs": {"media_asset_id": "ast_" + NOBODY},
        },
        "params.end",
        "params.end: must be later than start.",
    ),
    Bad(
        "a dialogue in which nobody says anything",
        {"type": "dialogue", "params": {"turns": []}},
        "params.turns",
        "params.turns: At least 1 item is required.",
    ),
    Bad(
        "a size for a sound",
        {"type": "tts"} | output(fps=30),
        "output.format",
        "tts does not take a size or frame rate",
    ),
    Bad("a field twice", '{"name":"a","name":"b"}', "name", "occurs twice"),
    Bad("a param twice", '{"params":{"text":"a","text":"b"}}', "params.text", "occurs twice"),
    Bad("nothing at all", "", "body", "required"),
    Bad("a list", "[]", "body", "object"),
    Bad("null", "null", "body", "object"),
    Bad("half of it", '{"params":', "body", "not valid JSON"),
    Bad("deep lists", "[" * 100_000, "body", "recursion limit"),
    Bad("deep objects", '{"a":' * 50_000, "body", "recursion limit"),
    Bad(
        "an object of very many names",
        {f"{number:06}": 1 for number in range(70_000)},
        "body",
        "at most 10000 members",
    ),
    Bad(
        "params of very many names",
        {"params": {f"{number:06}": 1 for number in range(10_001)}},
        "params",
        "at most 10000 members",
    ),
    Bad("a batch", {"batch": {"count": 2}}, "batch.count", "not supported yet"),
    Bad("variants", {"batch": {"variants": [{}]}}, "batch.variants", "not supported yet"),
    Bad("an empty batch", {"batch": {"count": 0}}, "batch.count", "greater than or equal to 1"),
    Bad("a strange type", {"type": "hello_rendr"}, "type", "did you mean 'hello_render'?"),
    Bad(
        "a mistyped input",
        {"params": {"text": "x"}, "inputs": {"bg_asset": "x"}},
        "inputs.bg_asset",
        "did you mean 'bg_asset_id'?",
    ),
    Bad(
        "an input that is a number",
        {"params": {"text": "x"}, "inputs": {"bg_asset_id": 5}},
        "inputs.bg_asset_id",
        "as a string",
    ),
    Bad("a model that is a number", {"model_ids": [5]}, "model_ids.0", "valid string"),
    Bad("too many models", {"model_ids": ["m"] * 21}, "model_ids", "20 items"),
    Bad("an id of a megabyte", {"template_id": "t" * 900_000}, "template_id", "100 characters"),
    Bad("a name of a megabyte", {"n" * 900_000: 1}, "n" * 80, "no field of this name"),
    Bad("a name with a bell", {"name": "a\x07"}, "name", "control characters"),
    Bad("a name of spaces", {"name": "   "}, "name", "to be seen"),
    Bad("an empty key", {}, "Idempotency-Key", "1 character", headers={"idempotency-key": ""}),
    Bad("a long key", {}, "Idempotency-Key", "255", headers={"idempotency-key": "k" * 256}),
    Bad("a key with a tab", {}, "Idempotency-Key", "Control", headers={"idempotency-key": "a\tb"}),
    Bad("a long preference", {}, "Prefer", "200", headers={"prefer": "x" * 201}),
    Bad("a template without a name", {"type": "hello_render"}, "name", "required", "/templates"),
    Bad(
        "a template of no length",
        HELLO | {"duration_ms": 0},
        "duration_ms",
        "greater than or equal to 100",
        "/templates",
    ),
    Bad(
        "defaults that are no params",
        HELLO | {"defaults": {"txt": "x"}},
        "defaults.txt",
        "did you mean 'text'?",
        "/templates",
    ),
    Bad(
        "defaults of another type",
        HELLO | {"defaults": {"text": 5}},
        "defaults.text",
        "valid string",
        "/templates",
    ),
    Bad(
        "defaults that the schema refuses",
        HELLO | {"params_schema": {"text": {"max": 3}}, "defaults": {"text": "long"}},
        "defaults.text",
        "longer than 3",
        "/templates",
    ),
    Bad(
        "defaults with a strange asset",
        HELLO | {"defaults": {"bg_asset_id": "x"}},
        "defaults.bg_asset_id",
        "ast_",
        "/templates",
    ),
    Bad(
        "a number beyond floats in a schema",
        '{"type":"hello_render","name":"n","params_schema":{"text":{"max":1e999}}}',
        "params_schema.text.max",
        "out of range",
        "/templates",
    ),
    Bad("a model without a name", {}, "stage_name", "required", "/models"),
    Bad("a model of spaces", {"stage_name": " "}, "stage_name", "to be seen", "/models"),
    Bad(
        "a model with strange assets",
        {"stage_name": "Luna", "asset_ids": ["x"]},
        "asset_ids.0",
        "ast_",
        "/models",
    ),
    Bad(
        "a preset with a strange asset",
        {"stage_name": "Luna", "preset": {"a": [{"default_bg_asset_id": 5}]}},
        "preset.a.0.default_bg_asset_id",
        "ast_",
        "/models",
    ),
    Bad(
        "a number beyond floats in a preset",
        '{"stage_name":"Luna","preset":{"a":[-1e999]}}',
        "preset.a.0",
        "out of range",
        "/models",
    ),
]


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_wrong_body_is_refused_with_field_and_remedy(
    api_only_client: httpx.Client, bad: Bad
) -> None:
    answer = api_only_client.post(bad.path, content=bad.content, headers=JSON | bad.headers)
    refusal(answer, 400, "VALIDATION_ERROR", bad.field, bad.says)
    assert "?." not in answer.text


def test_a_text_of_ten_megabytes_is_too_large(api_only_client: httpx.Client) -> None:
    body = json.dumps({"params": {"text": "x" * 10_000_000}})
    answer = api_only_client.post("/jobs", content=body, headers=JSON)
    details = refusal(answer, 413, "PAYLOAD_TOO_LARGE", None, "1048576 bytes")
    assert details["max_bytes"] == 1048576


@pytest.mark.parametrize("value", ["1", "{}", "[" * 60 + "]" * 60])
def test_a_body_of_so_many_values_that_others_would_wait_is_refused_unread(
    api_only_client: httpx.Client, value: str
) -> None:
    values = ",".join([value] * (1_000_000 // (len(value) + 1)))
    body = f'{{"params":{{"text":"x","a":[{values}]}}}}'
    for path in ("/jobs", "/templates", "/timeline/plan", "/timeline/frame", "/v1/audio/speech"):
        answer = api_only_client.post(path, content=body, headers=JSON)
        assert answer.status_code == 413, answer.text[:500]
        assert "100000 values" in answer.text


def test_a_text_of_a_megabyte_is_only_too_long(api_only_client: httpx.Client) -> None:
    text = "word " * 200_000
    answer = api_only_client.post("/jobs", json={"params": {"text": text}})
    refusal(answer, 400, "VALIDATION_ERROR", "params", "262144")


@pytest.mark.parametrize("mime", ["text/plain", "", "multipart/form-data", "application/xml"])
def test_a_body_that_does_not_say_it_is_json_is_not_read(
    api_only_client: httpx.Client, mime: str
) -> None:
    answer = api_only_client.post(
        "/jobs", content=b'{"params":{"text":"x"}}', headers={"content-type": mime}
    )
    refusal(answer, 415, "UNSUPPORTED_MEDIA", None, "Content-Type: application/json")


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"template_id": "tpl_x"}, "TEMPLATE_NOT_FOUND", "template_id"),
        ({"template_id": f"job_{NOBODY}"}, "TEMPLATE_NOT_FOUND", "template_id"),
        ({"template_id": f"tpl_{NOBODY}"}, "TEMPLATE_NOT_FOUND", "template_id"),
        ({"template_id": "../../etc/passwd"}, "TEMPLATE_NOT_FOUND", "template_id"),
        ({"model_ids": [f"mdl_{NOBODY}"]}, "MODEL_NOT_FOUND", "model_ids.0"),
        ({"model_ids": [f"ast_{NOBODY}"]}, "MODEL_NOT_FOUND", "model_ids.0"),
        ({"inputs": {"bg_asset_id": f"ast_{NOBODY}"}}, "ASSET_NOT_FOUND", "inputs.bg_asset_id"),
        ({"inputs": {"bg_asset_id": f"tpl_{NOBODY}"}}, "ASSET_NOT_FOUND", "inputs.bg_asset_id"),
        ({"inputs": {"bg_asset_id": "../x"}}, "ASSET_NOT_FOUND", "inputs.bg_asset_id"),
    ],
)
def test_ids_in_a_body_that_name_nothing_are_not_found(
    api_only_client: httpx.Client, body: dict[str, Any], code: str, field: str
) -> None:
    answer = api_only_client.post("/jobs", json={"params": {"text": "x"}, **body})
    refusal(answer, 404, code, field, field)


@pytest.mark.parametrize(
    "wrong",
    ["x", f"job_{NOBODY}x", f"zzz_{NOBODY}", "%00", "..%2f..%2fetc%2fpasswd", "%ff", "a" * 5000],
)
@pytest.mark.parametrize("kind", ["assets", "models", "templates", "jobs"])
def test_ids_of_the_wrong_form_name_nothing(
    api_only_client: httpx.Client, kind: str, wrong: str
) -> None:
    code = "NOT_FOUND" if "%2f" in wrong else f"{kind[:-1].upper()}_NOT_FOUND"
    for method in ("GET", "DELETE", "PATCH"):
        if (
            method == "GET"
            or kind in {"models", "templates"}
            or (kind, method)
            == (
                "assets",
                "DELETE",
            )
        ):
            body = {"json": {}} if method == "PATCH" else {}
            answer = api_only_client.request(method, f"/{kind}/{wrong}", **body)
            assert answer.status_code == 404
            assert answer.json()["error"]["code"] == code


@pytest.mark.parametrize("path", ["content", "url"])
def test_content_of_what_is_no_asset_is_not_found(api_only_client: httpx.Client, path: str) -> None:
    for wrong in ("x", f"job_{NOBODY}", f"ast_{NOBODY}", "%00"):
        refusal(
            api_only_client.get(f"/assets/{wrong}/{path}"), 404, "ASSET_NOT_FOUND", None, "no asset"
        )


@pytest.mark.parametrize(
    ("query", "field", "says"),
    [
        ("/jobs?limit=0", "limit", "greater than or equal to 1"),
        ("/jobs?limit=201", "limit", "less than or equal to 200"),
        ("/jobs?limit=many", "limit", "valid integer"),
        ("/jobs?limit=" + "9" * 6000, "limit", "integer"),
        ("/jobs?offset=-1", "offset", "greater than or equal to 0"),
        ("/jobs?status=DNE", "status", "'DONE'"),
        ("/jobs?status=DONE&status=FAILED", "status", "occurs twice"),
        ("/assets?limit=5&limit=6", "limit", "occurs twice"),
        ("/jobs?statuss=DONE", "statuss", "did you mean 'status'?"),
        ("/jobs?cursor=zzz", "cursor", "job_"),
        ("/jobs?cursor=", "cursor", "job_"),
        (f"/jobs?cursor=ast_{NOBODY}", "cursor", "job_"),
        (f"/assets?cursor=job_{NOBODY}", "cursor", "ast_"),
        ("/assets?cursor=%00", "cursor", "ast_"),
        ("/assets?kind=film", "kind", "source_video"),
        ("/assets?q=%00", "q", "Control characters"),
        ("/assets?offset=99999999999999999999", "offset", "1000000"),
        ("/models?tag=%00", "tag", "Control characters"),
        ("/templates?typ=x", "typ", "did you mean 'type'?"),
        ("/health?deep=perhaps", "deep", "valid boolean"),
    ],
)
def test_a_wrong_query_is_refused(
    api_only_client: httpx.Client, query: str, field: str, says: str
) -> None:
    refusal(api_only_client.get(query), 400, "VALIDATION_ERROR", field, says)


def test_a_query_of_broken_characters_finds_nothing_and_breaks_nothing(
    api_only_client: httpx.Client,
) -> None:
    for query in ("/jobs?q=%ED%A0%80", "/jobs?type=%FF", "/models?tag=%ED%A0%80"):
        answer = api_only_client.get(query)
        assert answer.status_code == 200
        assert next(iter(answer.json().values())) == []


def test_an_event_number_that_is_none_is_refused(api_only_client: httpx.Client) -> None:
    answer = api_only_client.get(f"/jobs/job_{NOBODY}/events", headers={"Last-Event-ID": "seven"})
    refusal(answer, 400, "VALIDATION_ERROR", "Last-Event-ID", "number")


def test_paths_and_methods_that_do_not_exist(api_only_client: httpx.Client) -> None:
    refusal(api_only_client.get("/nope"), 404, "NOT_FOUND", None, "no resource")
    answer = api_only_client.put("/jobs", json={})
    refusal(answer, 405, "METHOD_NOT_ALLOWED", None, "does not support")
    assert answer.headers["allow"] == "GET, POST"
    assert api_only_client.put(f"/assets/ast_{NOBODY}/content").headers["allow"] == "GET, HEAD"
