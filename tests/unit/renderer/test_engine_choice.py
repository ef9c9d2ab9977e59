"""Which engine speaks a text if the request leaves that open."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from gala.default_voice import DefaultVoice
from gala.errors import EngineMissing, InvalidRequest
from gala_renderer.sandbox.runner import Sandbox
from gala_renderer.speech.espeak.engine import EspeakEngine
from gala_renderer.speech.kokoro import backends
from gala_renderer.speech.kokoro.engine import KokoroEngine
from gala_renderer.speech.registry import EngineChoice, SpeechEngines

SANDBOX = cast(Sandbox, None)
"""No engine speaks here."""
VOICES = ("af_heart", "bf_emma", "ef_dora", "jf_alpha", "zf_xiaobei")


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A folder that has the files of Kokoro's weights."""
    (tmp_path / "voices").mkdir()
    (tmp_path / "kokoro-v1.0.int8.onnx").touch()
    for voice in VOICES:
        (tmp_path / "voices" / f"{voice}.bin").touch()
    return tmp_path


def engines(weights: Path, voice: DefaultVoice = DefaultVoice.AUTO) -> SpeechEngines:
    kokoro = KokoroEngine(SANDBOX, weights, backend="onnx")
    return SpeechEngines([EspeakEngine(SANDBOX), kokoro], default_voice=voice)


def choice(engines: SpeechEngines, text: str = "Hello there.", **request: Any) -> EngineChoice:
    return engines.choose(request.pop("engine", "auto"), text=text, **request)


def chosen(engines: SpeechEngines, text: str = "Hello there.", **request: Any) -> str:
    return choice(engines, text, **request).engine.name


def test_kokoro_speaks_its_languages_and_espeak_all_others(weights: Path) -> None:
    here = engines(weights)
    for language in ("en", "en-GB", "es", "es-419", "ja", "zh", "cmn"):
        assert chosen(here, language=language) == "kokoro", language
    for language in ("de", "nl", "ru", "yue"):
        assert chosen(here, language=language) == "espeak", language
    assert here.default().name == "kokoro"
    assert here.default("de").name == "espeak"


def test_the_language_is_guessed_from_the_text(weights: Path) -> None:
    here = engines(weights)
    assert chosen(here, "Hola, ¿qué tal estás hoy?") == "kokoro"
    assert chosen(here, "Guten Tag, wie geht es Ihnen heute?") == "espeak"


@pytest.mark.parametrize(
    ("voice", "engine"),
    [
        ("ef_dora", "kokoro"),
        ("af_hart", "kokoro"),  # misspelt: Kokoro names the nearest
        ("af_heart:0.6+af_bella:0.4", "kokoro"),
        ("af_heart(3)+af_bella(2)", "kokoro"),
        ("es+f3", "espeak"),
        ("en-us", "espeak"),
        ("es_419", "espeak"),
        ("de", "espeak"),
        ("unknown", "kokoro"),  # of no engine: the language decides
    ],
)
def test_a_voice_that_is_named_selects_its_engine(weights: Path, voice: str, engine: str) -> None:
    assert chosen(engines(weights), voice=voice) == engine
    assert chosen(engines(weights), voice=voice, language="es") == engine
    assert chosen(engines(weights), voice=voice, engine="espeak") == "espeak"


def test_a_voice_of_an_engine_that_is_missing_says_how_to_install_it(tmp_path: Path) -> None:
    with pytest.raises(EngineMissing, match=r"^params\.voice: .*gala weights pull kokoro"):
        chosen(engines(tmp_path), voice="ef_dora")
    with pytest.raises(InvalidRequest, match=r"^params\.turns\.2\.engine: Unknown"):
        chosen(engines(tmp_path), engine="festival", field="params.turns.2")


def test_without_weights_espeak_speaks_and_a_hint_says_what_is_missing(tmp_path: Path) -> None:
    without = engines(tmp_path)
    found = choice(without, language="es")
    assert found.engine.name == "espeak"
    assert "gala weights pull kokoro" in str(found.hint)
    assert str(tmp_path) not in str(found.hint)
    for request in ({"language": "de"}, {"voice": "es+f3"}, {"engine": "espeak"}):
        assert choice(without, **request).hint is None


def test_a_language_whose_packages_are_missing_is_espeaks(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = {"jieba", "unidic_lite"}
    find_spec = backends.find_spec
    monkeypatch.setattr(
        backends, "find_spec", lambda name: None if name in absent else find_spec(name)
    )
    here = engines(weights)
    assert chosen(here, language="es") == "kokoro"
    for language, extra in (("ja", "kokoro-japanese"), ("zh", "kokoro-chinese")):
        found = choice(here, language=language)
        assert found.engine.name == "espeak"
        assert extra in str(found.hint)


def test_the_setting_chooses_espeak_or_requires_kokoro(weights: Path, tmp_path: Path) -> None:
    espeak = engines(weights, DefaultVoice.ESPEAK_NG)
    assert choice(espeak, language="es") == EngineChoice(espeak.all["espeak"])
    assert chosen(espeak, voice="ef_dora") == "kokoro"
    assert chosen(espeak, engine="kokoro") == "kokoro"
    assert chosen(engines(weights, DefaultVoice.KOKORO), language="es") == "kokoro"
    required = engines(tmp_path / "none", DefaultVoice.KOKORO)
    assert chosen(required, language="de") == "espeak"
    with pytest.raises(EngineMissing, match=r"GALA_VOICE is kokoro.*gala weights pull kokoro"):
        chosen(required, language="es")
