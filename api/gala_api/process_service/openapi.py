"""What the process service adds to the OpenAPI document."""

from __future__ import annotations

from typing import Final

from gala_api.openapi.examples import JOB_ID, SIGNED, VIDEO_ID
from gala_api.openapi.part import Examples, OpenApiPart

_WORK: Final = {"job_id": JOB_ID, "status_url": f"http://localhost:8080/process/status/{JOB_ID}"}
_COMPLETED: Final = {
    "status": "completed",
    "asset_url": f"http://localhost:8080/assets/{VIDEO_ID}/content{SIGNED}",
    "expires_at": "2026-11-21T10:32:04.000Z",
    "asset_id": VIDEO_ID,
    "message": "Video recortado exitosamente",
    **_WORK,
}
_PROCESSING: Final = {
    "status": "processing",
    "message": "El video se está procesando; consulte status_url o espere el aviso.",
    "progress": 0.38,
    **_WORK,
}

_REQUESTS: Final[Examples] = {
    "trimVideo": {
        "seconds": {
            "video_url": "https://example.com/video.mp4",
            "start_time": 10,
            "end_time": 30,
            "session_id": "user-session-123",
        },
        "timecodes, with a call back": {
            "video_url": VIDEO_ID,
            "start_time": "0:10",
            "end_time": "0:30.5",
            "creation_id": "creation-42",
            "metadata": {"campaign": "autumn"},
            "callback_url": "https://example.com/hooks/gala",
        },
    },
    "addTextToVideo": {
        "by word": {
            "video_url": "https://example.com/video.mp4",
            "text": "¡Última semana!",
            "position": "bottom",
            "font_size": 50,
            "color": "white",
            "session_id": "user-session-123",
        },
        "by coordinates": {
            "video_url": "https://example.com/video.mp4",
            "text": "Nuevo",
            "position": [0.1, 0.8],
            "color": "#ffd700",
        },
    },
    "concatenateVideos": {
        "two": {
            "video_urls": ["https://example.com/one.mp4", "https://example.com/two.mp4"],
            "session_id": "user-session-123",
        }
    },
}
_RESPONSES: Final[Examples] = {
    "trimVideo": {"200": _COMPLETED, "202": _PROCESSING},
    "addTextToVideo": {
        "200": _COMPLETED | {"message": "Texto agregado exitosamente"},
        "202": _PROCESSING,
    },
    "concatenateVideos": {
        "200": _COMPLETED | {"message": "Videos concatenados exitosamente"},
        "202": _PROCESSING,
    },
    "processStatus": {"200": _COMPLETED},
}

OPENAPI_PART: Final = OpenApiPart(
    tag="Process",
    description="For clients of the earlier process service, unchanged: trim a video, add a text,"
    " concatenate, with the result in the response. New clients use Jobs.",
    for_other_clients=True,
    request_examples=_REQUESTS,
    response_examples=_RESPONSES,
)
