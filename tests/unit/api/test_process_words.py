"""The process service: positions, languages, waiting times, and field names of requests."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from gala.errors import (
    AssetNotFound,
    ErrorCode,
    InvalidRequest,
    UnprocessableMedia,
    UnsupportedMedia,
    UrlRefused,
    error_of,
)
from gala.net.urls import AllowedHosts, web_url
from gala.render_types import find_type
from gala_api.errors.validation import invalid_fields
from gala_api.http.prefer import Prefer
from gala_api.process_service.language import Language, preferred
from gala_api.process_service.messages import localized
from gala_api.process_service.operations import BY_TYPE, TRIM
from gala_api.process_service.positions import parse_position
from gala_api.process_service.schemas import (
    AddTextToVideoRequest,
    ConcatenateVideosRequest,
    TrimVideoRequest,
)
from gala_api.process_service.waiting import WaitTime


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("center", "center"),
        ("Centro", "center"),
        ("top", "top"),
        ("arriba", "top"),
        ("Superior", "top"),
        ("abajo", "bottom"),
        ("izquierda", "left"),
        ("right", "right"),
        ("top-left", "top-left"),
        ("left top", "top-left"),
        ("bottom_right", "bottom-right"),
        ("abajo derecha", "bottom-right"),
        ("arriba-izquierda", "top-left"),
        ("inferior centro", "bottom"),
        ("top center", "top"),
        ("center center", "center"),
        (["center", "bottom"], "bottom"),
        (["left", "center"], "left"),
    ],
)
def test_a_place_is_understood_in_english_and_spanish(said: Any, place: str) -> None:
    assert parse_position(said) == {"position": place}


@pytest.mark.parametrize(
    ("said", "x", "y"),
    [
        ("120,80", 120, 80),
        (" 0.5 , 0.25 ", 0.5, 0.25),
        ([0, 0], 0, 0),
        ([100.5, 4096], 100.5, 4096),
        ({"x": 1, "y": 2}, 1, 2),
    ],
)
def test_coordinates_are_the_texts_upper_left_corner(said: Any, x: float, y: float) -> None:
    assert parse_position(said) == {"x": x, "y": y}


@pytest.mark.parametrize(
    "said",
    ["", "somewhere", "top bottom", "left left", "top left center", "1,2,3", "-1,2", "1e9,2", 5,
     None, True, [1], [1, "left"], [True, 1], [-1, 0], [5000, 0], [float("nan"), 0], [10**400, 0],
     {"x": 1},
     {"x": 1, "y": 2, "z": 3}, {"x": "1", "y": 2}, "top" * 1000],
)  # fmt: skip
def test_what_names_no_place_is_refused_with_the_rule(said: Any) -> None:
    with pytest.raises(ValueError, match="must be a position"):
        parse_position(said)


def test_every_place_is_one_that_the_engine_takes() -> None:
    add_text = find_type("add_text")
    assert add_text is not None
    for said in ("arriba", "12,40", [0.5, 0.5]):
        add_text.params.parse({"text": "x", **parse_position(said)})


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, Language.SPANISH),
        ("", Language.SPANISH),
        ("en-US", Language.ENGLISH),
        ("es, en", Language.SPANISH),
        ("en, es", Language.ENGLISH),
        ("es;q=0.5,en;q=0.8", Language.ENGLISH),
        ("de, *;q=0.5, en;q=0.4", Language.SPANISH),
        ("enx", Language.SPANISH),
        ("en;q=2", Language.SPANISH),
        ("en," * 100_000, Language.ENGLISH),
        ("," * 100_000 + "en", Language.SPANISH),
    ],
)
def test_the_language_is_the_preferred_one_of_two(header: str | None, language: Language) -> None:
    assert preferred(header) is language


@pytest.mark.parametrize(
    ("prefer", "seconds", "applied"),
    [
        (None, 240, None),
        ("respond-async", 0, "respond-async"),
        ("wait=10", 10, "wait=10"),
        ('Wait="10"', 10, "wait=10"),
        ('wait="10', 240, None),
        ("respond-async, wait=10", 10, "respond-async, wait=10"),
        ("wait=1000", 240, None),
        ("respond-async, wait=1000", 0, "respond-async"),
        ("handling=lenient", 240, None),
    ],
)
def test_a_caller_is_answered_when_it_prefers_within_the_limit(
    prefer: str | None, seconds: float, applied: str | None
) -> None:
    assert WaitTime.of(Prefer.parse(prefer), default=240, maximum=240) == WaitTime(seconds, applied)


def test_names_of_the_engine_become_those_of_the_caller_and_nothing_else_does() -> None:
    error = UnsupportedMedia(
        "inputs.media_url: text/html (params.start is 3, params.started too)",
        field="inputs.media_url",
        size=3,
    )
    told = TRIM.error_for_caller(error)
    assert told.code is ErrorCode.UNPROCESSABLE_MEDIA
    assert told.message == "video_url: text/html (start_time is 3, params.started too)"
    assert told.details == {"field": "video_url", "size": 3}
    many = BY_TYPE["concatenate"].error_for_caller(InvalidRequest("x", field="inputs.clips_urls.7"))
    assert many.details["field"] == "video_urls.7"


# Ranges of bytes are no matter of this service.
@pytest.mark.parametrize("code", sorted(set(ErrorCode) - {ErrorCode.RANGE_NOT_SATISFIABLE}))
@pytest.mark.parametrize("language", Language)
def test_every_error_begins_with_its_kind_and_says_what_to_do(
    code: ErrorCode, language: Language
) -> None:
    told = localized(error_of(code, "text: This field is required."), language)
    own = {Language.ENGLISH: "This field is required.", Language.SPANISH: "Falta este campo."}
    assert told.message.endswith(f". text: {own[language]}")
    assert told.hint
    assert told.message[0].isupper()


def test_an_english_answer_keeps_the_errors_own_hint() -> None:
    told = localized(InvalidRequest("m", hint="the error's own"), Language.ENGLISH)
    assert told.hint == "the error's own"


VIDEO = "https://example.com/a.mp4"


@pytest.mark.parametrize(
    ("model", "body", "said"),
    [
        (TrimVideoRequest, {}, "video_url: Falta este campo."),
        (TrimVideoRequest, {"start_time": 3, "end_time": 1}, "end_time: Debe ser posterior a s"),
        (TrimVideoRequest, {"start_time": "diez", "end_time": 1}, "start_time: Deben ser segundos"),
        (TrimVideoRequest, {"start_time": -1, "end_time": 1}, "start_time: Debe estar entre 0 y 4"),
        (TrimVideoRequest, {"video_url": 5}, "video_url: Debe ser un texto."),
        (TrimVideoRequest, {"video_ur": VIDEO}, "video_ur: No hay ningún campo con este nombre; ¿"),
        (TrimVideoRequest, {"zzz": 1}, "zzz: No hay ningún campo con este nombre. Los que hay: s"),
        (TrimVideoRequest, {"metadata": 3}, "metadata: Debe ser un objeto."),
        (TrimVideoRequest, {"session_id": ""}, "session_id: Largo mínimo: 1."),
        (AddTextToVideoRequest, {"text": " "}, "text: Debe ser un texto visible"),
        (AddTextToVideoRequest, {"text": "x" * 2001}, "text: Largo máximo: 2000 caracteres."),
        (AddTextToVideoRequest, {"position": "nowhere"}, "position: Debe ser una posición ("),
        (AddTextToVideoRequest, {"font_size": 1}, "font_size: Debe ser 4 o más."),
        (AddTextToVideoRequest, {"font_size": 1e4}, "font_size: Debe ser 1000 o menos."),
        (AddTextToVideoRequest, {"font_size": "big"}, "font_size: Debe ser un número."),
        (AddTextToVideoRequest, {"color": "rojo"}, "color: Debe ser #rrggbb, #rgb o un nombre"),
        (ConcatenateVideosRequest, {"video_urls": []}, "video_urls: Cantidad mínima: 1."),
        (ConcatenateVideosRequest, {"video_urls": VIDEO}, "video_urls: Debe ser una lista."),
        (
            ConcatenateVideosRequest,
            {"video_urls": [VIDEO] * 101},
            "video_urls: Cantidad máxima: 100.",
        ),
    ],
)
def test_a_spanish_answer_says_in_spanish_what_is_wrong_with_which_field(
    model: type[BaseModel], body: dict[str, Any], said: str
) -> None:
    usual: dict[str, Any] = {
        TrimVideoRequest: {"video_url": VIDEO, "start_time": 0, "end_time": 1},
        AddTextToVideoRequest: {"video_url": VIDEO, "text": "Hola"},
    }.get(model, {})
    with pytest.raises(ValidationError) as caught:
        model.model_validate({**usual, **body} if body else {})
    error = invalid_fields(caught.value.errors(), model=model)
    told = localized(error, Language.SPANISH)
    assert told.message.startswith(f"La solicitud no es válida. {said}")
    assert told.details["reason"] == error.message
    assert told.hint == "Corrija el campo indicado y vuelva a enviarla."


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://example.com/a.mp4", "La URL debe empezar con http(s)://."),
        ("https://example.com:8443/a.mp4", "Solo se descargan archivos de los puertos 80 y 443, n"),
        ("https://me:secret@example.com/a.mp4", "La URL no puede llevar usuario ni contraseña."),
        ("https:///a.mp4", "Esto no es una URL."),
    ],
)
def test_a_refused_url_is_explained_in_spanish(url: str, said: str) -> None:
    with pytest.raises(UrlRefused) as caught:
        web_url(url, AllowedHosts(), field="video_url")
    told = localized(caught.value, Language.SPANISH)
    assert told.message.startswith(f"Esta URL no se admite. video_url: {said}")


def test_what_has_no_translation_is_not_mixed_into_a_spanish_sentence() -> None:
    error = UnprocessableMedia("video_url: odd.", hint="Convert it.", field="video_url")
    told = localized(error, Language.SPANISH)
    assert told.message == "El archivo no es un video que se pueda procesar. Campo: video_url."
    assert told.details["reason"] == "video_url: odd. Convert it."
    assert "Verifique" in str(told.hint)
    plain = localized(AssetNotFound(), Language.SPANISH)
    assert plain.message == "No existe ese archivo."


def test_the_engine_has_every_operation_and_the_input_that_it_names() -> None:
    for name, operation in BY_TYPE.items():
        render_type = find_type(name)
        assert render_type is not None
        assert render_type.inputs[operation.source].many is operation.many
