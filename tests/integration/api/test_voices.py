"""The catalogue of voices, their samples, and the refusal of voices that do not exist."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urlsplit

import av
import httpx
import pytest

from tests.platform.stack import Stack

KEYS = {"id", "name", "engine", "language", "gender", "licence", "description", "sample_url"}


def ids(api: httpx.Client, **query: str) -> list[str]:
    answer = api.get("/voices", params=query)
    assert answer.status_code == 200, answer.text
    return [voice["id"] for voice in answer.json()["voices"]]


def error(answer: httpx.Response, status: int = 400) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()["error"]
    return found


def test_every_voice_has_all_fields_and_engines_tell_their_variants(api: httpx.Client) -> None:
    body = api.get("/voices").json()
    assert len(body["voices"]) > 100
    assert all(voice.keys() == KEYS for voice in body["voices"])
    spanish = next(voice for voice in body["voices"] if voice["id"] == "es-419")
    assert spanish["name"] == "Spanish (Latin America)"
    assert spanish["licence"] == "GPL-3.0-or-later"
    espeak = next(engine for engine in body["engines"] if engine["name"] == "espeak")
    assert "f3" in espeak["variants"]
    assert [engine["default"] for engine in body["engines"]].count(True) == 1


def test_the_voice_of_a_brand_kit_is_checked_as_that_of_the_kit(api: httpx.Client) -> None:
    refused = api.put("/brand-kits/voiced", json={"voice": {"voice": "nobody"}})
    assert refused.status_code == 400
    assert error(refused)["details"]["field"] == "voice.voice"
    assert error(refused)["message"].startswith("voice.voice: There is no voice 'nobody'")


def test_voices_are_found_by_language_engine_gender_and_text(api: httpx.Client) -> None:
    assert {"es", "es-419"} <= set(ids(api, language="es"))
    assert "en-us" not in ids(api, language="en-GB")
    assert ids(api, language="zh") == ids(api, language="cmn") != []
    assert ids(api, engine="chatterbox") == []
    assert ids(api, gender="female", engine="espeak") == []
    assert ids(api, q="latin AMERICA") == ["es-419"]
    assert "'es'" in error(api.get("/voices", params={"language": "Spanish!"}))["message"]
    assert "did_you_mean" in error(api.get("/voices?langage=es"))["details"]


def test_the_list_is_sent_again_only_if_it_has_changed(api: httpx.Client) -> None:
    first = api.get("/voices")
    again = api.get("/voices", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_sample_is_sound_that_is_kept_and_can_be_read_in_parts(api: httpx.Client) -> None:
    (voice,) = api.get("/voices", params={"q": "es-419"}).json()["voices"]
    address = urlsplit(voice["sample_url"])
    url = f"{address.path}?{address.query}"
    first = api.get(url)
    assert first.status_code == 200, first.text
    assert first.headers["content-type"] == "audio/mpeg"
    assert "max-age" in first.headers["cache-control"]
    with av.open(io.BytesIO(first.content)) as media:
        assert 2 < sum(frame.samples / frame.sample_rate for frame in media.decode(audio=0)) < 8
    # espeak-ng is not the same twice: it was kept.
    assert api.get(url).content == first.content
    assert api.get(url, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    part = api.get(url, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, first.content[10:20])


def test_a_voice_with_a_variant_has_a_sample_too(api: httpx.Client) -> None:
    assert api.get("/voices/es+f3/sample").status_code == 200
    assert api.get("/voices/es%2BMr%20serious/sample").status_code == 200


@pytest.mark.parametrize(
    "voice",
    ["es+f33", "..%2f..%2fetc%2fpasswd", "es%00", "af_heart:0.6+af_bella:0.4", "x" * 190, "es%0A"],
)
def test_what_is_no_voice_has_no_sample(api: httpx.Client, voice: str) -> None:
    assert error(api.get(f"/voices/{voice}/sample"), 404)["code"] == "NOT_FOUND"


def test_a_misspelt_voice_is_answered_with_the_nearest(api: httpx.Client) -> None:
    assert "'es-419'" in error(api.get("/voices/es-4191/sample"), 404)["message"]
    assert error(api.get("/voices/es/sample?engine=openai"), 404)["code"] == "NOT_FOUND"


def test_openais_route_lists_the_same_voices_with_the_fields_that_clients_know(
    api: httpx.Client,
) -> None:
    listed = api.get("/v1/audio/voices").json()["voices"]
    assert [voice["id"] for voice in listed] == ids(api)
    assert {"id", "name", "engine", "language", "gender", "licence", "sample_url"} <= set(listed[0])


@pytest.mark.parametrize(
    ("type_name", "params", "field", "says"),
    [
        ("tts", {"text": "Hi.", "engine": "espeak", "voice": "en-uss"}, "params.voice", "'en-us'"),
        ("tts", {"text": "Hi.", "voice": "af_haert"}, "params.voice", "There is no voice"),
        ("tts", {"text": "Hi.", "engine": "esspeak"}, "params.engine", "espeak"),
        (
            "captioned_video",
            {"text": "Hi.", "engine": "espeak", "voice": "es+f33"},
            "params.voice",
            "'f3'",
        ),
        (
            "dialogue",
            {"turns": [{"text": "a"}, {"text": "b", "voice": "en-uss"}]},
            "params.turns.1.voice",
            "'en-us'",
        ),
        (
            "dialogue",
            {
                "speakers": {"Ann": {"engine": "kokoro", "voice": "ef_dorra"}},
                "turns": [{"speaker": "Ann", "text": "a"}],
            },
            "params.speakers.Ann.voice",
            "'ef_dora'",
        ),
    ],
)
def test_a_voice_that_does_not_exist_is_refused_when_the_job_is_submitted(
    api: httpx.Client, type_name: str, params: dict[str, Any], field: str, says: str
) -> None:
    refused = error(api.post("/jobs", json={"type": type_name, "params": params}))
    assert refused["details"]["field"] == field
    assert says in refused["message"]


def test_a_voice_of_another_language_speaks_with_a_warning(shared_stack: Stack) -> None:
    gala = shared_stack.client
    params = {"text": "Hello.", "engine": "espeak", "voice": "es", "language": "en-US"}
    other = gala.wait(gala.submit(type="tts", params=params).id)
    variety = gala.wait(gala.submit(type="tts", params={**params, "voice": "en-gb"}).id)
    assert any("voice for 'es'" in line.msg for line in other.logs if line.level == "warning")
    assert not any("voice for" in line.msg for line in variety.logs)
