"""What the process service says in Spanish and English: its messages, and how its errors begin.

An error's own message names fields, addresses and numbers, and stays as it is; before it stands
a sentence that says what kind of trouble this is, and with it a hint what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gala.errors import ErrorCode, GalaError, error_of
from gala_api.process_service.language import Language

PREFIX: Final = "/process/"
"""Where the routes are whose callers are answered in their language."""

Said = Mapping[Language, str]


def _said(spanish: str, english: str) -> Said:
    return {Language.SPANISH: spanish, Language.ENGLISH: english}


PROCESSING: Final = _said(
    "El video se está procesando; consulte status_url o espere el aviso.",
    "The video is being processed; ask at status_url, or wait to be called back.",
)


@dataclass(frozen=True, slots=True)
class _Told:
    lead: Said
    hint: Said


_HERE: Final[Mapping[ErrorCode, _Told]] = {
    ErrorCode.VALIDATION_ERROR: _Told(
        _said("La solicitud no es válida.", "The request is not valid."),
        _said("Corrija el campo indicado y vuelva a enviarla.", "Correct that field; send again."),
    ),
    ErrorCode.UNSUPPORTED_MEDIA: _Told(
        _said("El formato no se admite.", "This format is not supported."),
        _said("Envíe JSON.", "Send JSON."),
    ),
    ErrorCode.UNAUTHORIZED: _Told(
        _said("No autorizado: verifique la API key.", "Not authorized: check the API key."),
        _said(
            "Envíe `Authorization: Bearer <API key>` con una clave vigente.",
            "Send `Authorization: Bearer <API key>` with a key that is valid.",
        ),
    ),
    ErrorCode.FORBIDDEN: _Told(
        _said("Esta identidad no tiene permiso.", "This identity is not allowed to do that."),
        _said(
            "Use una clave con ese permiso, o pídalo al operador.",
            "Use a key that has this permission, or ask the operator for it.",
        ),
    ),
    ErrorCode.QUOTA_EXCEEDED: _Told(
        _said("Se agotó la cuota.", "The quota is used up."),
        _said(
            "Espere a que terminen sus trabajos, o pida más cuota al operador.",
            "Wait for your jobs to end, or ask the operator for more.",
        ),
    ),
    ErrorCode.RATE_LIMITED: _Told(
        _said("Demasiadas solicitudes.", "Too many requests."),
        _said("Espere lo que dice Retry-After.", "Wait as long as Retry-After says."),
    ),
    ErrorCode.ASSET_NOT_FOUND: _Told(
        _said("No existe ese archivo.", "There is no such asset."),
        _said("Verifique el enlace o el id.", "Check the link or the id."),
    ),
    ErrorCode.JOB_NOT_FOUND: _Told(
        _said("No existe ese trabajo.", "There is no such job."),
        _said("Verifique el job_id.", "Check the job_id."),
    ),
    ErrorCode.ASSET_PENDING: _Told(
        _said("El archivo todavía se está creando.", "This asset is still being made."),
        _said("Vuelva a intentarlo en unos segundos.", "Try again in a few seconds."),
    ),
    ErrorCode.INVALID_JOB_STATE: _Told(
        _said("El trabajo fue cancelado.", "The job was cancelled."),
        _said("Envíe la solicitud otra vez.", "Send the request again."),
    ),
    ErrorCode.IDEMPOTENCY_MISMATCH: _Told(
        _said(
            "Esa Idempotency-Key ya se usó con otra solicitud.",
            "This Idempotency-Key was used with another request.",
        ),
        _said("Use una clave nueva, o el mismo cuerpo.", "Use a new key, or the same body."),
    ),
    ErrorCode.PAYLOAD_TOO_LARGE: _Told(
        _said("La solicitud es demasiado grande.", "The request is too large."),
        _said("Envíe menos datos.", "Send less."),
    ),
    ErrorCode.UNPROCESSABLE_MEDIA: _Told(
        _said(
            "El archivo no es un video que se pueda procesar.",
            "This file is no video that can be processed.",
        ),
        _said(
            "Verifique que la URL lleve directamente a un archivo de video (MP4, MOV, WebM).",
            "Check that the URL leads straight to a video file (MP4, MOV, WebM).",
        ),
    ),
    ErrorCode.URL_REFUSED: _Told(
        _said("Esta URL no se admite.", "This URL is not accepted."),
        _said(
            "Use una URL pública http(s); un operador puede permitir equipos locales"
            " (FETCH_ALLOWED_HOSTS).",
            "Use a public http(s) URL; an operator can allow local hosts (FETCH_ALLOWED_HOSTS).",
        ),
    ),
    ErrorCode.FETCH_FAILED: _Told(
        _said("No se pudo descargar el video.", "The video could not be fetched."),
        _said(
            "Verifique que la URL exista y no haya caducado.",
            "Check that the URL exists and has not expired.",
        ),
    ),
    ErrorCode.DEADLINE_EXCEEDED: _Told(
        _said("Se agotó el tiempo de procesamiento.", "The processing took too long."),
        _said("Use un video más corto o más pequeño.", "Use a shorter or smaller video."),
    ),
    ErrorCode.RENDER_FAILED: _Told(
        _said("No se pudo procesar el video.", "The video could not be processed."),
        _said(
            "Convierta el video a MP4 (H.264) y vuelva a intentarlo.",
            "Convert the video to MP4 (H.264) and try again.",
        ),
    ),
}
_LATER: Final = _said("Vuelva a intentarlo más tarde.", "Try again later.")
_OURS: Final = _Told(_said("El servicio tuvo un problema.", "The service met a problem."), _LATER)
_AWAY: Final = _Told(
    _said("El servicio no está disponible por ahora.", "The service is not available now."), _LATER
)
_STORAGE: Final = _Told(
    _said("El almacenamiento no responde bien.", "The storage does not work properly."), _LATER
)
_TROUBLES: Final[Mapping[ErrorCode, _Told]] = {
    ErrorCode.UNAVAILABLE: _AWAY,
    ErrorCode.RENDERER_LOST: _AWAY,
    ErrorCode.WORKER_LOST: _AWAY,
    ErrorCode.ENGINE_MISSING: _AWAY,
    ErrorCode.OUT_OF_DISK: _STORAGE,
    ErrorCode.STORAGE_FAILED: _STORAGE,
}


def in_words(error: GalaError, language: Language) -> GalaError:
    """The same error as a caller of this language reads it: led in, and with a hint."""
    told = _HERE.get(error.code) or _TROUBLES.get(error.code) or _OURS
    lead = told.lead[language]
    message = lead if error.message == lead else f"{lead} {error.message}"
    hint = error.hint or told.hint[language]
    return error_of(error.code, message, hint=hint, details=error.details)
