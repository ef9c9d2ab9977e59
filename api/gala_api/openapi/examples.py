"""Examples of requests and responses in the OpenAPI document, valid by its schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gala_api.openapi import template_examples

JOB_ID: Final = "job_01K9ZQ4W3T8XJ6M2C5R7VABDEF"
_TEMPLATE_ID: Final = "tpl_01K9ZPV0N2D4F6H8J0K2M4P6Q8"
_MODEL_ID: Final = "mdl_01K9ZPX7R9S1T3V5W7X9Y1Z3A5"
VIDEO_ID: Final = "ast_01K9ZQ5E8G0J2K4M6N8P0Q2R4S"
_PICTURE_ID: Final = "ast_01K9ZPT4V6W8X0Y2Z4A6B8C0D2"
_SHA256: Final = "2d560ae54dc2f681f57119140a2a272866dbef99ccc9eb3050d86041c69c0a42"

SIGNED: Final = "?expires=1795174215&signature=kZ0dG4x1YyW2s3vQ5u6t7i8o9p0a1b2c3d4e5f6g7h8"

_ASSET: Final = {
    "id": _PICTURE_ID,
    "kind": "background",
    "status": "ready",
    "error": None,
    "provider": "localfs",
    "object_key": f"assets/{_PICTURE_ID}/{_SHA256}.jpg",
    "mime": "image/jpeg",
    "size_bytes": 482113,
    "checksum": _SHA256,
    "label": "sea at dusk",
    "filename": "IMG_2041.jpg",
    "job_id": None,
    "created_at": "2026-11-20T10:30:15.123Z",
    "duration_ms": None,
    "width": 4032,
    "height": 3024,
    "fps": None,
    "speech": None,
    "content_url": f"http://localhost:8080/assets/{_PICTURE_ID}/content",
}
_PENDING_ASSET: Final = _ASSET | {
    "status": "pending",
    **dict.fromkeys(("provider", "object_key", "mime", "size_bytes", "checksum")),
    **dict.fromkeys(("width", "height", "content_url")),
    "job_id": "job_01JD3Z4V8QJ6X2M0T5B7C9D1EF",
}
_MODEL: Final = {
    "id": _MODEL_ID,
    "stage_name": "Luna",
    "tags": ["es", "presenter"],
    "preset": {"aspect_ratio": "9:16", "default_bg_asset_id": _PICTURE_ID},
    "asset_ids": [_PICTURE_ID],
    "consent": None,
    "uploaded_by": {"owner_id": "studio", "key_id": None, "at": "2026-11-20T10:31:40.007Z"},
    "previews": {
        "status": "pending",
        "found_url": f"http://localhost:8080/models/{_MODEL_ID}/preview?kind=found",
        "neutral_url": f"http://localhost:8080/models/{_MODEL_ID}/preview?kind=neutral",
        "clip_url": f"http://localhost:8080/models/{_MODEL_ID}/preview?kind=clip",
        "warnings": [],
    },
    "created_at": "2026-11-20T10:31:40.007Z",
}
_CONSENT: Final = "Signed release of 2026-11-01, for our channels, until 2028."
_PORTRAIT_PRESET: Final = {
    "aspect_ratio": "9:16",
    "presenter": {
        "body": {"portrait_asset_id": _PICTURE_ID},
        "voice": "ef_dora",
        "language": "es",
        "energy": 0.6,
        "framing": "bust",
        "background": "blur",
        "captions": {"style": "karaoke"},
    },
}
_DRAWN_PRESET: Final = {
    "presenter": {
        "body": {"character": {"name": "leo", "glasses": "round"}},
        "language": "en",
    }
}
_JOB: Final[dict[str, Any]] = {
    "id": JOB_ID,
    "name": "hello-e2e",
    "type": "hello_render",
    "status": "QUEUED",
    "template_id": "tpl_0001EA4GTR5AV2QY3P54JJHYG0",
    "template_version": 1,
    "template_params": None,
    "model_ids": [],
    "inputs": {},
    "params": {"text": "GALA E2E"},
    "output": {"format": {"width": 1080, "height": 1920, "fps": 30}, "duration_ms": 7000},
    "session_id": None,
    "creation_id": None,
    "metadata": None,
    "omitted": [],
    "progress": 0.0,
    "phase": "waiting",
    "attempt": 0,
    "cancel_requested": False,
    "error": None,
    "created_at": "2026-11-20T10:32:00.000Z",
    "started_at": None,
    "finished_at": None,
}
_RUNNING: Final = _JOB | {
    "status": "RUNNING",
    "phase": "rendering",
    "progress": 0.38,
    "attempt": 1,
    "started_at": "2026-11-20T10:32:00.041Z",
}
_ATTEMPT: Final = {
    "number": 1,
    "worker": "studio-4711-batch",
    "outcome": "DONE",
    "error": None,
    "started_at": "2026-11-20T10:32:00.041Z",
    "finished_at": "2026-11-20T10:32:04.310Z",
}
_LOG: Final = {
    "ts": "2026-11-20T10:32:00.190Z",
    "level": "info",
    "msg": "rendering 210 frames",
    "attempt": 1,
}
_DONE: Final = _RUNNING | {
    "status": "DONE",
    "phase": "ended",
    "progress": 1.0,
    "finished_at": "2026-11-20T10:32:04.310Z",
    "outputs": [
        {
            "variant": 0,
            "video_asset_id": VIDEO_ID,
            "thumbnail_asset_id": "ast_01K9ZQ5E8G0J2K4M6N8P0Q2R4T",
            "captions_asset_id": None,
            "video_object_key": f"renders/{JOB_ID}/video-{_SHA256}.mp4",
            "thumb_object_key": f"renders/{JOB_ID}/thumbnail-{_SHA256[::-1]}.jpg",
            "captions_object_key": None,
            "files": {
                "video": {
                    "asset_id": VIDEO_ID,
                    "mime": "video/mp4",
                    "size_bytes": 1204117,
                    "duration_ms": 7000,
                    "width": 1080,
                    "height": 1920,
                    "fps": 30.0,
                    "speech": None,
                    "content_url": f"http://localhost:8080/assets/{VIDEO_ID}/content",
                },
            },
        }
    ],
    "waiting_reason": None,
    "logs": [_LOG],
    "attempts": [_ATTEMPT],
}
_NEW: Final[dict[str, Any]] = {"waiting_reason": None, "outputs": [], "logs": [], "attempts": []}

FOLLOWED: Final = """\
Events, numbered from 1 without gaps, until the job ends:

    id: 1
    event: status
    data: {"ts":"2026-11-20T10:32:00.000Z","status":"QUEUED","attempt":0}

    id: 2
    event: status
    data: {"ts":"2026-11-20T10:32:00.041Z","status":"RUNNING","attempt":1}

    id: 3
    event: log
    data: {"ts":"2026-11-20T10:32:00.190Z","level":"info","msg":"rendering 210 frames","attempt":1}

    id: 4
    event: progress
    data: {"ts":"2026-11-20T10:32:01.050Z","phase":"rendering","progress":0.38}

    id: 5
    event: status
    data: {"ts":"2026-11-20T10:32:04.310Z","status":"DONE","attempt":1}

Comments keep the connection alive while there are no events.
"""
"""The description of a stream of events."""

_KEY: Final = {
    "id": "key_01K9ZPS1A3B5C7D9E1F3G5H7J9",
    "owner_id": "studio",
    "name": "n8n",
    "role": "editor",
    "scopes": ["jobs:read", "jobs:write"],
    "created_at": "2026-11-20T10:29:00.000Z",
    "expires_at": "2027-11-20T10:29:00.000Z",
    "last_used_at": None,
    "revoked_at": None,
}
_VOICE: Final = {
    "id": "af_heart",
    "name": "Heart",
    "engine": "kokoro",
    "language": "en-US",
    "gender": "female",
    "licence": "Apache-2.0",
    "description": "American English, female",
    "sample_url": "http://localhost:8080/voices/af_heart/sample?engine=kokoro",
}
_VOICE_ENGINES: Final = [
    {"name": "espeak", "default": False, "variants": ["f3", "whisper"]},
    {"name": "kokoro", "default": True, "variants": []},
]
_EDIT: Final = {
    "timeline": {
        "tracks": [
            {
                "clips": [
                    {"asset": {"type": "text", "text": "Hello"}, "start": 0, "length": 2},
                ]
            }
        ]
    },
    "output": {"format": "mp4", "resolution": "sd"},
}
_IMPORTED: Final = {
    "composition": {
        "tracks": [
            {
                "clips": [
                    {
                        "type": "text",
                        "text": "Hello",
                        "font_size": "5.555556%",
                        "start": 0.0,
                        "duration": 2.0,
                    }
                ]
            }
        ]
    },
    "format": {"width": 1024, "height": 576, "fps": 25},
    "losses": [],
}
_PLAN: Final = {
    "format": {"width": 1080, "height": 1920, "fps": 30},
    "duration": 4.0,
    "frames": 120,
    "estimate": False,
    "render_seconds": 3.4,
    "scenes": [],
    "layers": [
        {
            "number": 0,
            "pointer": "/tracks/0/clips/0",
            "type": "image",
            "name": None,
            "scene": None,
            "start": 0.0,
            "end": 4.0,
            "first_frame": 0,
            "end_frame": 120,
            "box": {"left": 0.0, "top": 0.0, "width": 1080.0, "height": 1920.0},
        }
    ],
    "warnings": [],
}
_METRICS: Final = """\
# HELP gala_queue_depth Jobs that are due.
# TYPE gala_queue_depth gauge
gala_queue_depth{lane="interactive"} 0.0
gala_queue_depth{lane="batch"} 3.0
"""

REQUESTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "uploadAsset": {
        "a file that is fetched": {
            "url": "https://example.com/sea.jpg",
            "kind": "background",
            "label": "sea at dusk",
        }
    },
    "setPronunciations": {
        "as words and as sounds": {
            "pronunciations": [
                {"text": "GNU", "say": "gnoo"},
                {"text": "nginx", "ipa": "\u02c8\u025bnd\u0292\u026an", "language": "en"},
            ]
        }
    },
    "createKey": {
        "smallest": {"name": "laptop", "role": "editor"},
        "narrow": {
            "name": "n8n",
            "role": "editor",
            "scopes": ["jobs:read", "jobs:write"],
            "owner_id": "studio",
            "expires_at": "2027-11-20T10:29:00Z",
        },
    },
    "setQuota": {
        "some": {"jobs_at_once": 20, "bytes_stored": 53687091200},
        "as the defaults": {},
    },
    "createJob": {
        "smallest": {"name": "hello-e2e", "params": {"text": "GALA E2E"}},
        "full": {
            "name": "autumn sale, Spanish",
            "template_id": _TEMPLATE_ID,
            "model_ids": [_MODEL_ID],
            "inputs": {"bg_asset_id": _PICTURE_ID, "music_asset_id": None},
            "params": {"text": "¡Última semana!"},
            "output": {"format": {"width": 720, "height": 1280, "fps": 25}},
            "batch": {"count": 1, "variants": []},
        },
        "template, brand and target": {
            "template_id": "hello",
            "brand": "acme",
            "params": {"title": "Hola, mundo", "Title": {"color": "gold"}},
            "output": {"target": "tiktok"},
        },
        "by type": {
            "type": "hello_render",
            "params": {"text": "Hello", "background_color": "#10243e"},
            "output": {"aspect_ratio": "16:9"},
        },
    },
    "planTimeline": {
        "scenes": {
            "params": {
                "captions": True,
                "scenes": [
                    {"elements": [{"type": "image", "src": _PICTURE_ID}], "voice": "The sea."},
                    {"voice": "See you there.", "background": "navy", "transition": "fade"},
                ],
            },
            "output": {"aspect_ratio": "9:16"},
        },
        "tracks": {
            "params": {
                "tracks": [
                    {"clips": [{"type": "image", "src": _PICTURE_ID, "motion": "ken-burns"}]},
                    {"clips": [{"type": "text", "text": "The sea", "start": 1, "duration": 3}]},
                ]
            }
        },
    },
    "drawTimelineFrame": {
        "scenes": {
            "params": {
                "scenes": [
                    {"elements": [{"type": "image", "src": _PICTURE_ID}], "voice": "The sea."}
                ]
            },
            "output": {"aspect_ratio": "1:1"},
        },
    },
    "importTimeline": {"edit of Shotstack": {"document": _EDIT}},
    **template_examples.REQUESTS,
    "createModel": {
        "avatar": {name: _MODEL[name] for name in ("stage_name", "tags", "preset", "asset_ids")},
        "presenter with a portrait": {
            "stage_name": "Ada",
            "preset": _PORTRAIT_PRESET,
            "consent": _CONSENT,
        },
        "drawn presenter": {"stage_name": "Leo", "preset": _DRAWN_PRESET},
    },
    "updateModel": {"other tags": {"tags": ["es", "en", "presenter"]}},
}
"""Request bodies, by operation and title."""

_LIMITS: Final = {
    "jobs_at_once": 20,
    "jobs_per_day": None,
    "minutes_per_day": None,
    "bytes_stored": 53687091200,
}
_QUOTA: Final = {
    "owner_id": "studio",
    "limits": _LIMITS,
    "own": _LIMITS,
    "usage": {
        "jobs_at_once": 3,
        "jobs_per_day": 41,
        "minutes_per_day": 12.5,
        "bytes_stored": 1073741824,
        "renews_at": "2026-11-21T00:00:00.000Z",
    },
}

_PRONUNCIATIONS: Final = [
    {"text": "GNU", "say": "gnoo", "ipa": None, "language": None},
    {"text": "nginx", "say": None, "ipa": "\u02c8\u025bnd\u0292\u026an", "language": "en"},
]

RESPONSES: Final[Mapping[str, Mapping[str, Any]]] = {
    "readyz": {"200": {"status": "ok", "sandbox": "namespaces"}},
    **{name: {"200": {"quota": _QUOTA}} for name in ("getMyQuota", "getQuota", "setQuota")},
    **{
        name: {"200": {"pronunciations": _PRONUNCIATIONS}}
        for name in ("getPronunciations", "setPronunciations")
    },
    "listQuotas": {
        "200": {
            "quotas": [{"owner_id": "studio", "own": _LIMITS, "limits": _LIMITS}],
            "next_cursor": None,
        }
    },
    "health": {
        "200": {
            "status": "ok",
            "service": "gala-api",
            "version": "0.1.0",
            "checks": {
                "postgres": {"ok": True},
                "redis": {"ok": True},
                "renderer": {"ok": True},
                "storage": {"ok": True},
            },
        }
    },
    "metrics": {"200": _METRICS},
    "uploadAsset": {"201": {"asset": _ASSET}, "202": {"asset": _PENDING_ASSET}},
    "listAssets": {"200": {"assets": [_ASSET], "next_cursor": _PICTURE_ID}},
    "getAsset": {"200": {"asset": _ASSET}},
    "getAssetURL": {
        "200": {
            "asset_id": _PICTURE_ID,
            "url": f"http://localhost:8080/assets/{_PICTURE_ID}/content{SIGNED}",
            "expires_at": "2026-11-20T11:30:15.000Z",
        }
    },
    "createModel": {"201": {"model": _MODEL}},
    "listModels": {"200": {"models": [_MODEL]}},
    "getModel": {"200": {"model": _MODEL}},
    "updateModel": {"200": {"model": _MODEL | {"tags": ["es", "en", "presenter"]}}},
    **template_examples.RESPONSES,
    "createJob": {"201": {"job": _JOB | _NEW}},
    "listJobs": {"200": {"jobs": [_JOB], "next_cursor": None}},
    "getJob": {"200": {"job": _DONE}},
    "cancelJob": {
        "200": {
            "job": _JOB
            | {
                "status": "CANCELLED",
                "phase": "ended",
                "finished_at": "2026-11-20T10:32:03.000Z",
            }
        },
        "202": {"job": _RUNNING | {"cancel_requested": True}},
    },
    "retryJob": {"200": {"job": _JOB | {"attempt": 1}}},
    "getMe": {
        "200": {
            "me": {
                "owner_id": "studio",
                "role": "viewer",
                "permissions": ["assets:read", "models:read", "templates:read", "jobs:read"],
                "key_id": _KEY["id"],
            }
        }
    },
    "getWebhookSecret": {
        "200": {"webhook_secret": "whsec_c2hvd24gaGVyZSBhcyBhbiBleGFtcGxlIG9ubHkuLi4="}
    },
    "getTimelineSchema": {
        "200": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "TimelineParams",
            "type": "object",
        }
    },
    "planTimeline": {"200": {"plan": _PLAN}},
    "getJobTimeline": {"200": {"plan": _PLAN}},
    "importTimeline": {"200": _IMPORTED},
    "searchVoices": {"200": {"voices": [_VOICE], "engines": _VOICE_ENGINES}},
    "createKey": {"201": {"key": _KEY, "token": "gala_01K9ZPS1A3B5C7D9E1F3G5H7J9_…"}},
    "listKeys": {"200": {"keys": [_KEY], "next_cursor": None}},
}
"""Response bodies, by operation and status."""
