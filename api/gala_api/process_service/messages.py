"""The messages of the process service in Spanish and English.

A message is entirely in one language: a sentence about the kind of problem and, after it, what the
error itself says. Errors are written in English; in a Spanish answer, one without a translation
appears in ``details.reason`` only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gala.errors import ErrorCode, GalaError, error_of
from gala_api.process_service.language import Language
from gala_api.process_service.spanish import in_spanish

PREFIX: Final = "/process/"
"""The prefix of the routes with localized messages."""

Translations = Mapping[Language, str]


def _both(spanish: str, english: str) -> Translations:
    return {Language.SPANISH: spanish, Language.ENGLISH: english}


PROCESSING: Final = _both(
    "El video se está procesando; consulte status_url o espere el aviso.",
    "The video is being processed; poll status_url or wait for the callback.",
)


@dataclass(frozen=True, slots=True)
class _Explanation:
    """The first sentence of an error's message, and its hint."""

    lead: Translations
    hint: Translations


_REQUEST_ERRORS: Final[Mapping[ErrorCode, _Explanation]] = {
    ErrorCode.VALIDATION_ERROR: _Explanation(
        _both("La solicitud no es válida.", "The request is not valid."),
        _both(
            "Corrija el campo indicado y vuelva a enviarla.", "Correct the field and send it again."
        ),
    ),
    ErrorCode.UNSUPPORTED_MEDIA: _Explanation(
        _both("El formato no se admite.", "This format is not supported."),
        _both("Envíe JSON.", "Send JSON."),
    ),
    ErrorCode.UNAUTHORIZED: _Explanation(
        _both("No autorizado: verifique la API key.", "Not authorized: check the API key."),
        _both(
            "Envíe `Authorization: Bearer <API key>` con una clave vigente.",
            "Send `Authorization: Bearer <API key>` with a valid key.",
        ),
    ),
    ErrorCode.FORBIDDEN: _Explanation(
        _both("Esta identidad no tiene permiso.", "This identity has no permission for this."),
        _both(
            "Use una clave con ese permiso, o pídalo al operador.",
            "Use a key with this permission, or ask the operator for it.",
        ),
    ),
    ErrorCode.QUOTA_EXCEEDED: _Explanation(
        _both("Se agotó la cuota.", "The quota is used up."),
        _both(
            "Espere a que terminen sus trabajos, o pida más cuota al operador.",
            "Wait for your jobs to end, or ask the operator for a larger quota.",
        ),
    ),
    ErrorCode.RATE_LIMITED: _Explanation(
        _both("Demasiadas solicitudes.", "Too many requests."),
        _both("Espere lo que dice Retry-After.", "Wait for the time in Retry-After."),
    ),
    ErrorCode.ASSET_NOT_FOUND: _Explanation(
        _both("No existe ese archivo.", "There is no such asset."),
        _both("Verifique el enlace o el id.", "Check the link or the id."),
    ),
    ErrorCode.JOB_NOT_FOUND: _Explanation(
        _both("No existe ese trabajo.", "There is no such job."),
        _both("Verifique el job_id.", "Check the job_id."),
    ),
    ErrorCode.ASSET_PENDING: _Explanation(
        _both("El archivo todavía se está creando.", "This asset is still being created."),
        _both("Vuelva a intentarlo en unos segundos.", "Try again in a few seconds."),
    ),
    ErrorCode.INVALID_JOB_STATE: _Explanation(
        _both("El trabajo fue cancelado.", "The job was cancelled."),
        _both("Envíe la solicitud otra vez.", "Send the request again."),
    ),
    ErrorCode.IDEMPOTENCY_MISMATCH: _Explanation(
        _both(
            "Esa Idempotency-Key ya se usó con otra solicitud.",
            "This Idempotency-Key was already used with another request.",
        ),
        _both("Use una clave nueva, o el mismo cuerpo.", "Use a new key, or the same body."),
    ),
    ErrorCode.PAYLOAD_TOO_LARGE: _Explanation(
        _both("La solicitud es demasiado grande.", "The request is too large."),
        _both("Envíe menos datos.", "Send less data."),
    ),
    ErrorCode.UNPROCESSABLE_MEDIA: _Explanation(
        _both(
            "El archivo no es un video que se pueda procesar.",
            "This file is not a video that can be processed.",
        ),
        _both(
            "Verifique que la URL lleve directamente a un archivo de video (MP4, MOV, WebM).",
            "Check that the URL leads directly to a video file (MP4, MOV, WebM).",
        ),
    ),
    ErrorCode.URL_REFUSED: _Explanation(
        _both("Esta URL no se admite.", "This URL is not accepted."),
        _both(
            "Use una URL pública http(s); un operador puede permitir equipos locales"
            " (FETCH_ALLOWED_HOSTS).",
            "Use a public http(s) URL; an operator can allow local hosts (FETCH_ALLOWED_HOSTS).",
        ),
    ),
    ErrorCode.FETCH_FAILED: _Explanation(
        _both("No se pudo descargar el video.", "The video could not be fetched."),
        _both(
            "Verifique que la URL exista y no haya caducado.",
            "Check that the URL exists and has not expired.",
        ),
    ),
    ErrorCode.DEADLINE_EXCEEDED: _Explanation(
        _both("Se agotó el tiempo de procesamiento.", "The processing took too long."),
        _both("Use un video más corto o más pequeño.", "Use a shorter or smaller video."),
    ),
    ErrorCode.RENDER_FAILED: _Explanation(
        _both("No se pudo procesar el video.", "The video could not be processed."),
        _both(
            "Convierta el video a MP4 (H.264) y vuelva a intentarlo.",
            "Convert the video to MP4 (H.264) and try again.",
        ),
    ),
}
_LATER: Final = _both("Vuelva a intentarlo más tarde.", "Try again later.")
_INTERNAL: Final = _Explanation(
    _both("El servicio tuvo un problema.", "The service had a problem."), _LATER
)
_UNAVAILABLE: Final = _Explanation(
    _both("El servicio no está disponible por ahora.", "The service is currently not available."),
    _LATER,
)
_STORAGE: Final = _Explanation(
    _both("El almacenamiento no responde bien.", "The storage does not work properly."), _LATER
)
_SERVICE_ERRORS: Final[Mapping[ErrorCode, _Explanation]] = {
    ErrorCode.UNAVAILABLE: _UNAVAILABLE,
    ErrorCode.RENDERER_LOST: _UNAVAILABLE,
    ErrorCode.WORKER_LOST: _UNAVAILABLE,
    ErrorCode.ENGINE_MISSING: _UNAVAILABLE,
    ErrorCode.OUT_OF_DISK: _STORAGE,
    ErrorCode.STORAGE_FAILED: _STORAGE,
}


def localized(error: GalaError, language: Language) -> GalaError:
    """Return the error with its message and its hint in that language."""
    explanation = _REQUEST_ERRORS.get(error.code) or _SERVICE_ERRORS.get(error.code) or _INTERNAL
    lead, hint = explanation.lead[language], explanation.hint[language]
    if language is Language.ENGLISH:
        message = lead if error.message == lead else f"{lead} {error.message}"
        return error_of(error.code, message, hint=error.hint or hint, details=error.details)
    own = in_spanish(error.message) or _named_field(error)
    reason = " ".join(filter(None, (error.message, error.hint)))
    details = {**error.details, "reason": reason}
    return error_of(error.code, " ".join(filter(None, (lead, own))), hint=hint, details=details)


def _named_field(error: GalaError) -> str | None:
    field = error.details.get("field")
    return None if field is None else f"Campo: {field}."
