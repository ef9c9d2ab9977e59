"""A case for every route of the media server 0.3.5, with real media, checked with its contract."""

from __future__ import annotations

import io
import uuid
import wave
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import av
import httpx
import jsonschema_rs
import pytest
from PIL import Image

from gala.render_types.params.kokoro_voices import VOICES
from tests.contracts.api.media_server_contract import contract, operations, with_the_page
from tests.platform.stack import Stack
from tests.support.media_server_client import (
    MEDIA,
    UTILS,
    failed,
    picture,
    ready,
    status,
    tiny_film,
    tiny_sound,
    upload,
)

_DOCUMENT: Final = with_the_page()


@dataclass
class Server:
    """A client of the media server; every response is validated with the contract."""

    stack: Stack
    client: httpx.Client
    film: str
    sound: str
    image: str
    elsewhere: str

    def ask(self, method: str, path: str, /, *, named: str = "", **request: Any) -> httpx.Response:
        """GET ``path`` with its parameter replaced by ``named``."""
        url = path.partition("{")[0] + named + path.partition("}")[2] if named else path
        answer = self.client.request(method, url, **request)
        conforms(method, path, answer)
        return answer

    def get(self, path: str, /, named: str = "", **params: Any) -> httpx.Response:
        return self.ask("get", path, named=named, params=params)

    def post(self, path: str, fields: Mapping[str, Any], code: int = 200) -> httpx.Response:
        """Post the form in both encodings, compare the responses and return the second one."""
        with self._waiting():
            return self._post(path, fields, code)

    def _post(self, path: str, fields: Mapping[str, Any], code: int) -> httpx.Response:
        parts = {name: (None, str(value)) for name, value in fields.items()}
        answers = [self.ask("post", path, files=parts), self.ask("post", path, data=fields)]
        assert {answer.status_code for answer in answers} == {code}, answers[0].text
        kinds = {answer.headers["content-type"] for answer in answers}
        assert len(kinds) == 1
        if code == 200 and kinds == {"application/json"} and "file_id" in answers[0].json():
            self.client.delete(f"{MEDIA}/storage/{answers[0].json()['file_id']}")
        return answers[1]

    def done(self, path: str, fields: Mapping[str, Any], code: int = 200) -> httpx.Response:
        """Post the form of a synchronous route, only once because it is expensive."""
        answer = self.ask("post", path, data=fields)
        assert answer.status_code == code, answer.text
        return answer

    def made(self, path: str, fields: Mapping[str, Any]) -> bytes:
        """Return the file that the form requests."""
        return ready(self.client, self.post(path, fields).json()["file_id"])

    def asked(self, path: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return the job that the form creates, after cancelling it."""
        with self._waiting():
            file_id = self._post(path, fields, 200).json()["file_id"]
            job: dict[str, Any] = self.client.get("/jobs", params={"limit": 1}).json()["jobs"][0]
            self.client.delete(f"{MEDIA}/storage/{file_id}")
        return job

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        """Prevent the start of work that will be cancelled, so that no engine is loaded for it."""
        self.stack.pause("worker-batch-1")
        try:
            yield
        finally:
            self.stack.resume("worker-batch-1")

    def refused(self, path: str, fields: Mapping[str, Any], code: int, says: str) -> None:
        """Assert that the form is rejected with a reason."""
        told = self.post(path, fields, code).json()
        said = told["detail"][0]["loc"][-1] if code == 422 else told["error"]
        assert says in said


def conforms(method: str, path: str, answer: httpx.Response) -> None:
    """Fail if the contract does not describe the response."""
    told = _DOCUMENT["paths"][path][method]["responses"]
    code = str(answer.status_code)
    assert code in told, f"{method} {path}: {code} is not documented: {answer.text[:300]}"
    if method == "head":
        return
    kind = answer.headers["content-type"].partition(";")[0]
    content = told[code]["content"]
    assert kind in content or "*/*" in content, f"{method} {path}: {kind}"
    schema = content.get(kind, {}).get("schema", {})
    if kind == "application/json":
        jsonschema_rs.Draft202012Validator(schema).validate(answer.json())


def begun(stack: Stack, client: httpx.Client, elsewhere: str, folder: Path) -> Server:
    """The media server of that stack, with some files."""
    return Server(
        stack=stack,
        client=client,
        film=upload(client, "film.mp4", tiny_film(folder).read_bytes(), "video"),
        sound=upload(client, "sound.wav", tiny_sound(folder).read_bytes(), "audio"),
        image=upload(client, "picture.png", picture(), "image"),
        elsewhere=elsewhere,
    )


def seconds(media: bytes) -> float:
    with av.open(io.BytesIO(media)) as opened:
        return (opened.duration or 0) / 1e6


def sides(shown: bytes) -> tuple[int, int]:
    with av.open(io.BytesIO(shown)) as opened:
        return opened.streams.video[0].width, opened.streams.video[0].height


def jpeg(answer: httpx.Response) -> tuple[int, int]:
    with Image.open(io.BytesIO(answer.content)) as shown:
        assert shown.format == "JPEG"
        return shown.size


Case = Callable[[Server], None]
CASES: Final[dict[str, Case]] = {}


def of(*names: str) -> Callable[[Case], Case]:
    """Register a case for these operations."""

    def keep(case: Case) -> Case:
        CASES.update(dict.fromkeys(names, case))
        return case

    return keep


@of("get /", "head /", "get /health", "head /health")
def _alive(server: Server) -> None:
    for path in ("/", "/health"):
        assert server.get(path).json()
        assert server.ask("head", path).content == b""


STORAGE: Final = f"{MEDIA}/storage"
FILE: Final = f"{STORAGE}/{{file_id}}"
STATUS: Final = f"{FILE}/status"


@of(f"post {STORAGE}")
def _storage(server: Server) -> None:
    fields = {"url": f"{server.elsewhere}/picture.png", "media_type": "image", "file": ""}
    assert server.made(STORAGE, fields) == picture()
    for suffix, kind, data in ((".png", "image", picture()), (".pcm", "audio", bytes(100))):
        files, form = {"file": (f"a{suffix}", data)}, {"media_type": kind, "url": ""}
        answer = server.ask("post", STORAGE, files=files, data=form)
        assert ready(server.client, answer.json()["file_id"]) == data
    server.refused(STORAGE, {"media_type": "image"}, 400, "file or url")
    server.refused(STORAGE, {"media_type": "image", "url": ""}, 400, "file or url")
    server.refused(STORAGE, {"media_type": "poem", "url": "http://a.b/c"}, 422, "media_type")
    server.refused(STORAGE, {"media_type": "", "url": "http://a.b/c"}, 422, "media_type")
    files, form = {"file": ("a.mp4", picture())}, {"media_type": "video"}
    wrong = server.ask("post", STORAGE, files=files, data=form)
    assert (wrong.status_code, "video" in wrong.json()["error"]) == (400, True)


@of(f"get {FILE}")
def _download(server: Server) -> None:
    answer = server.get(FILE, server.image)
    assert answer.content == picture()
    told = answer.headers["content-disposition"]
    assert told.startswith("attachment; filename=")
    assert server.image.partition("_")[2] in told
    assert server.image not in told
    gone = f"image_{uuid.uuid4()}.png"
    missing = server.get(FILE, gone)
    assert missing.status_code == 404
    assert missing.json() == {"error": f"File with ID {gone} not found."}


@of(f"get {STATUS}")
def _status(server: Server) -> None:
    assert server.get(STATUS, server.film).json() == {"status": "ready"}
    for malformed in (
        f"video_{uuid.uuid4()}.mp4",
        "x",
        "image_..",
        "video_%00.mp4",
        "%F0%9F%8E%AC",
    ):
        assert server.get(STATUS, malformed).json() == {"status": "not_found"}


@of(f"delete {FILE}")
def _delete(server: Server) -> None:
    doomed = upload(server.client, "a.png", picture(), "image")
    for name in (doomed, doomed, "nothing", "video_..%00"):
        assert server.ask("delete", FILE, named=name).json() == {"status": "success"}
    assert status(server.client, doomed) == {"status": "not_found"}


KOKORO: Final = f"{MEDIA}/audio-tools/tts/kokoro"


@of(f"post {KOKORO}")
def _kokoro(server: Server) -> None:
    with wave.open(io.BytesIO(server.made(KOKORO, {"text": "Hello.", "voice": ""}))) as sound:
        assert sound.getnframes() > 0
    job = server.asked(KOKORO, {"text": "Hello.", "speed": ""})
    assert job["params"] == {"engine": "kokoro", "text": "Hello.", "voice": "af_heart", "speed": 1}
    unknown = f"Invalid voice: bob. Valid voices: {list(VOICES)}"
    server.refused(KOKORO, {"text": "Hello.", "voice": "bob"}, 400, unknown)
    server.refused(KOKORO, {"voice": "af_heart"}, 422, "text")
    server.refused(KOKORO, {"text": "Hello.", "speed": "fast"}, 422, "speed")


@of(f"get {KOKORO}/voices")
def _voices(server: Server) -> None:
    assert server.get(f"{KOKORO}/voices").json() == {"voices": list(VOICES)}


CHATTERBOX: Final = f"{MEDIA}/audio-tools/tts/chatterbox"


@of(f"post {CHATTERBOX}")
def _chatterbox(server: Server) -> None:
    # Its engine runs in a separate environment, which is not installed here.
    answer = server.post(CHATTERBOX, {"text": "Hi.", "sample_audio_id": "", "chunk_chars": 256})
    told = failed(server.client, answer.json()["file_id"])
    assert told["code"] in {"ENGINE_MISSING", "UNAVAILABLE"}
    assert "hatterbox" in told["error"]
    job = server.asked(CHATTERBOX, {"text": "Hi.", "sample_audio_id": server.sound})
    usual = {"exaggeration": 0.5, "cfg_weight": 0.5, "temperature": 0.8, "chunk_silence_ms": 350}
    assert usual.items() <= job["params"].items()
    assert "sample_asset_id" in job["inputs"]
    unknown = f"audio_{uuid.uuid4()}.wav"
    said = f"Sample audio with ID {unknown} not found."
    server.refused(CHATTERBOX, {"text": "Hi.", "sample_audio_id": unknown}, 404, said)
    sound = server.client.get(f"{STORAGE}/{server.sound}").content
    for name, code in (("voice.WAV", 200), ("voice.mp3", 400)):
        files, form = {"sample_audio_file": (name, sound)}, {"text": "Hi.", "sample_audio_id": "x"}
        answer = server.ask("post", CHATTERBOX, files=files, data=form)
        assert answer.status_code == code  # the file wins over the id
        if code == 200:
            server.ask("delete", FILE, named=answer.json()["file_id"])


TRANSCRIBE: Final = f"{MEDIA}/audio-tools/transcribe"


@of(f"post {TRANSCRIBE}")
def _transcribe(server: Server) -> None:
    sound = server.client.get(f"{STORAGE}/{server.sound}").content
    files, form = {"audio_file": ("a.wav", sound)}, {"language": ""}
    told = server.ask("post", TRANSCRIBE, files=files, data=form).json()
    assert told["duration"] == pytest.approx(0.4, abs=0.05)
    server.refused(TRANSCRIBE, {"language": "en"}, 422, "audio_file")
    for damaged in (b"RIFF", sound[:44]):
        broken = server.ask("post", TRANSCRIBE, files={"audio_file": ("a.wav", damaged)})
        assert broken.status_code == 400


MERGE: Final = f"{MEDIA}/video-tools/merge"


@of(f"post {MERGE}")
def _merge(server: Server) -> None:
    two = {"video_ids": f"{server.film}, {server.film}", "background_music_id": ""}
    joined = server.made(MERGE, two)
    assert seconds(joined) == pytest.approx(0.8, abs=0.15)
    assert sides(joined) == (128, 96)
    job = server.asked(MERGE, {**two, "background_music_id": server.sound})
    assert job["params"]["music_volume"] == 0.5
    server.refused(MERGE, {}, 422, "video_ids")
    server.refused(MERGE, {"video_ids": " , "}, 400, "video")
    server.refused(MERGE, {"video_ids": f"{server.film},x"}, 404, "File with ID x not found.")
    server.refused(MERGE, {"video_ids": server.image}, 400, "not video")
    server.refused(MERGE, {**two, "background_music_volume": "loud"}, 422, "background_music")


CAPTIONED: Final = f"{MEDIA}/video-tools/generate/tts-captioned-video"


@of(f"post {CAPTIONED}")
def _captioned(server: Server) -> None:
    still = {"background_id": server.image, "image_effect": "none", "width": 96, "height": 160}
    made = server.made(CAPTIONED, {**still, "audio_id": server.sound, "text": ""})
    assert seconds(made) == pytest.approx(0.4, abs=0.1)
    assert sides(made) == (96, 160)
    spoken = {"background_id": server.image, "text": "Hello."}
    job = server.asked(CAPTIONED, {**spoken, "audio_id": "", "caption_config_font_name": "Arial"})
    assert job["output"]["format"] == {"width": 1080, "height": 1920, "fps": 30}
    assert job["params"]["motion"] == {"effect": "ken_burns"}
    assert (job["params"]["voice"], job["params"]["speed"]) == ("af_heart", 1)
    look = job["params"]["captions"]
    assert (look["max_lines"], look["max_chars"], look["font_size"]) == (1, 1, 120)
    assert (look["position"], look["bold"], look["color"]) == ("top", True, "#ffffff")
    assert (look["shadow_blur"], look["stroke_width"]) == (10, 5)
    server.refused(CAPTIONED, {"text": "Hello."}, 422, "background_id")
    server.refused(CAPTIONED, {"background_id": server.image}, 400, "text or audio_id")
    server.refused(CAPTIONED, {**spoken, "background_id": server.film}, 400, "image")
    server.refused(CAPTIONED, {**spoken, "background_id": "image_x"}, 404, "not found")
    server.refused(CAPTIONED, {**spoken, "audio_id": "audio_x"}, 400, "audio_x")
    mistakes = {"font_size": 7, "line_count": 6, "subtitle_position": "left"}
    for field, value in mistakes.items():
        fields = {**spoken, f"caption_config_{field}": value}
        server.refused(CAPTIONED, fields, 422, f"caption_config_{field}")
    wrong = {**spoken, "caption_config_font_color": "ultraviolet"}
    server.refused(CAPTIONED, wrong, 400, "caption_config_font_color")


COLORKEY: Final = f"{MEDIA}/video-tools/add-colorkey-overlay"


@of(f"post {COLORKEY}")
def _colorkey(server: Server) -> None:
    both = {"video_id": server.film, "overlay_video_id": server.film}
    made = server.made(COLORKEY, {**both, "color": "", "similarity": ""})
    assert (sides(made), seconds(made)) == ((128, 96), pytest.approx(0.4, abs=0.1))
    params = server.asked(COLORKEY, {**both, "color": "0F0"})["params"]
    assert params == {"color": "#00ff00", "similarity": 0.1, "blend": 0.1}
    server.refused(COLORKEY, {"video_id": server.film}, 422, "overlay_video_id")
    server.refused(COLORKEY, {**both, "video_id": "video_x"}, 404, "video_id")
    server.refused(COLORKEY, {**both, "color": "octarine"}, 400, "color")


FRAME: Final = f"{MEDIA}/video-tools/extract-frame/{{video_id}}"


@of(f"get {FRAME}")
def _frame(server: Server) -> None:
    assert jpeg(server.get(FRAME, server.film)) == (128, 96)  # 1.0 by default: past the end
    assert jpeg(server.get(FRAME, server.film, timestamp=0)) == (128, 96)
    assert server.get(FRAME, server.film, timestamp="soon").status_code == 422
    assert server.get(FRAME, server.film, timestamp="nan").status_code == 422
    assert server.get(FRAME, "video_x").status_code == 404
    assert server.get(FRAME, server.sound).status_code == 400


FRAMES: Final = f"{MEDIA}/video-tools/extract-frames"


@of(f"post {FRAMES}")
def _frames(server: Server) -> None:
    url = {"url": f"{server.elsewhere}/film.mp4"}
    ids = server.done(FRAMES, {**url, "length_seconds": ""}).json()["image_ids"]
    assert len(set(ids)) == 5
    for file_id in ids:
        assert jpeg(server.get(FILE, file_id)) == (128, 96)
    three = server.done(FRAMES, {**url, "amount": 3, "length_seconds": 0.3, "stitch": "True"})
    assert min(jpeg(three)) > 64
    server.refused(FRAMES, {"amount": 3}, 422, "url")
    server.refused(FRAMES, {"url": "ftp://a.b/c"}, 400, "url: Only http")
    told = server.done(FRAMES, {"url": f"{server.elsewhere}/page"}, 400).json()
    assert "url" in told["error"]


@of(f"get {MEDIA}/video-tools/info/{{file_id}}")
def _video_info(server: Server) -> None:
    path = f"{MEDIA}/video-tools/info/{{file_id}}"
    told = server.get(path, server.film).json()
    assert told.pop("duration") == pytest.approx(0.4, abs=0.1)
    assert told == {
        "width": 128, "height": 96, "fps": "25", "aspect_ratio": "4:3", "codec": "h264",
    }  # fmt: skip
    assert server.get(path, "video_x").status_code == 404
    assert server.get(path, server.image).status_code == 400
    assert server.get(path, server.sound).status_code == 400


@of(f"get {MEDIA}/audio-tools/info/{{file_id}}")
def _audio_info(server: Server) -> None:
    path = f"{MEDIA}/audio-tools/info/{{file_id}}"
    told = server.get(path, server.sound).json()
    assert told.pop("duration") == pytest.approx(0.4, abs=0.1)
    assert {"channels": 1, "sample_rate": "44100", "codec": "pcm_s16le"}.items() <= told.items()
    assert server.get(path, "audio_x").status_code == 404
    assert server.get(path, server.image).status_code == 400


@of(f"get {MEDIA}/fonts")
def _fonts(server: Server) -> None:
    assert "Noto Sans" in server.get(f"{MEDIA}/fonts").json()["fonts"]


@of(f"get {UTILS}/youtube-transcript")
def _youtube(server: Server) -> None:
    path = f"{UTILS}/youtube-transcript"
    told = server.get(path, video_id="dQw4w9WgXcQ")
    assert (told.status_code, "internet" in told.json()["error"]) == (503, True)
    assert server.get(path).status_code == 422


STITCH: Final = f"{UTILS}/stitch-images"


@of(f"post {STITCH}")
def _stitch(server: Server) -> None:
    urls = ", ".join(f"{server.elsewhere}/picture{number}.png" for number in range(3))
    width, height = jpeg(server.done(STITCH, {"image_urls": urls, "max_width": 300}))
    assert width <= 300
    assert height <= 1080
    server.refused(STITCH, {}, 422, "image_urls")
    server.refused(STITCH, {"image_urls": " ,"}, 400, "image URL")
    server.refused(STITCH, {"image_urls": "a.png"}, 400, "http")
    told = server.done(STITCH, {"image_urls": f"{server.elsewhere}/page"}, 400).json()
    assert "image" in told["error"]


IMPERFECT: Final = f"{UTILS}/make-image-imperfect"


@of(f"post {IMPERFECT}")
def _imperfect(server: Server) -> None:
    made = server.made(IMPERFECT, {"image_id": server.image, "enhance_color": 0})
    with Image.open(io.BytesIO(made)) as shown:
        assert shown.size == (240, 320)
        grey: Any = shown.convert("RGB").getpixel((50, 50))
        assert max(grey) - min(grey) < 8
    job = server.asked(IMPERFECT, {"image_id": server.image, "noise_strength": 3})
    assert job["params"] == {"color": 1, "contrast": 1, "noise": 3}
    server.refused(IMPERFECT, {}, 422, "image_id")
    server.refused(IMPERFECT, {"image_id": "image_x"}, 404, "image_x")
    server.refused(IMPERFECT, {"image_id": server.sound}, 400, "image")


PCM: Final = f"{UTILS}/convert/pcm/wav"


@of(f"post {PCM}")
def _pcm(server: Server) -> None:
    raw = upload(server.client, "a.pcm", bytes(24_000), "audio")
    with wave.open(io.BytesIO(server.made(PCM, {"pcm_id": raw, "channels": ""}))) as sound:
        assert (sound.getframerate(), sound.getnchannels()) == (44_100, 1)
        assert sound.getnframes() / 44_100 == pytest.approx(0.5, abs=0.01)
    server.refused(PCM, {}, 422, "pcm_id")
    server.refused(PCM, {"pcm_id": "audio_x"}, 404, "audio_x")
    server.refused(PCM, {"pcm_id": raw, "sample_rate": "1e9"}, 422, "sample_rate")


EVERY: Final = [f"{method} {path}" for method, path, _ in operations(contract())]
"""The operations of the contract."""
