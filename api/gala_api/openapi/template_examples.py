"""Examples of templates, brand kits and targets in the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

from gala.brand_kits import BrandKit
from gala.targets import TARGETS, TargetName

_TEMPLATE_ID: Final = "tpl_01K9ZPV0N2D4F6H8J0K2M4P6Q8"
_PICTURE_ID: Final = "ast_01K9ZPT4V6W8X0Y2Z4A6B8C0D2"
_CREATED: Final = "2026-11-20T10:31:02.480Z"
TEMPLATE: Final[dict[str, Any]] = {
    "id": _TEMPLATE_ID,
    "type": "hello_render",
    "name": "promo",
    "duration_ms": 5000,
    "format": {"width": 1080, "height": 1920, "fps": 30},
    "params_schema": {
        "text": {"type": "string", "max": 80},
        "bg_asset_id": {"type": "string", "nullable": True},
    },
    "defaults": {"bg_asset_id": _PICTURE_ID},
    "composition": None,
    "description": None,
    "preview_asset_id": None,
    "version": 1,
    "builtin": False,
    "has_composition": False,
    "created_at": _CREATED,
}
_LISTED: Final = {name: value for name, value in TEMPLATE.items() if name != "composition"}
_FILM: Final[dict[str, Any]] = {
    "type": "timeline",
    "name": "prices",
    "description": "One scene for each product.",
    "params_schema": {
        "products": {
            "type": "array",
            "min": 1,
            "max": 20,
            "items": {
                "type": "object",
                "required": ["name", "price"],
                "properties": {"name": {"type": "string"}, "price": {"type": "string"}},
            },
        },
        "color": {"type": "color", "default": "#10243e"},
    },
    "composition": {
        "background": "{{color}}",
        "scenes": [
            {
                "iterate": "products",
                "duration": 3,
                "elements": [
                    {"type": "text", "text": "{{item.name}}", "font_size": "10%"},
                    {"type": "text", "text": "{{item.price}}", "y": "70%", "color": "gold"},
                ],
            }
        ],
    },
}
_VERSION: Final[dict[str, Any]] = {
    "template_id": _TEMPLATE_ID,
    "version": 1,
    **{
        name: TEMPLATE[name]
        for name in ("type", "duration_ms", "format", "params_schema", "defaults", "composition")
    },
    "has_composition": False,
    "created_at": _CREATED,
}
_KIT: Final[dict[str, Any]] = {
    "logo": _PICTURE_ID,
    "colors": {"background": "#0b1220", "primary": "#e63946"},
    "fonts": {"heading": "Montserrat", "body": "Inter"},
    "captions": {"style": "boxed"},
    "voice": {"language": "es"},
    "pronunciations": [{"text": "ACME", "say": "ácme"}],
}
_STORED_KIT: Final[dict[str, Any]] = {
    "name": "acme",
    "kit": BrandKit.parse(_KIT).model_dump(mode="json"),
    "created_at": _CREATED,
    "updated_at": _CREATED,
}
_LISTED_KIT: Final[dict[str, Any]] = {
    "name": "acme",
    "logo": _PICTURE_ID,
    "colors": _STORED_KIT["kit"]["colors"],
    "fields": list(_KIT),
    "created_at": _CREATED,
    "updated_at": _CREATED,
}
_TARGET: Final = TARGETS[TargetName.TIKTOK]
REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "createTemplate": {
        "short form": {
            "type": "hello_render",
            "name": "promo",
            "duration_ms": 5000,
            "format": {"width": 1080, "height": 1920, "fps": 30},
            "params_schema": TEMPLATE["params_schema"],
            "defaults": TEMPLATE["defaults"],
        },
        "JSON Schema": {
            "type": "hello_render",
            "name": "promo in JSON Schema",
            "params_schema": {
                "type": "object",
                "properties": {"text": {"type": "string", "maxLength": 80}},
                "required": ["text"],
            },
        },
        "composition": _FILM,
    },
    "updateTemplate": {"another length": {"duration_ms": 8000}},
    "setBrandKit": {"colors, fonts, voice": _KIT},
}
RESPONSES: Final[dict[str, dict[str, Any]]] = {
    "createTemplate": {"201": {"template": TEMPLATE}},
    "listTemplates": {"200": {"templates": [_LISTED]}},
    "getTemplate": {"200": {"template": TEMPLATE}},
    "updateTemplate": {"200": {"template": TEMPLATE | {"duration_ms": 8000, "version": 2}}},
    "getTemplateSchema": {
        "200": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "promo",
            "type": "object",
            "properties": {"text": {"type": "string", "maxLength": 80}},
            "required": ["text"],
        }
    },
    "listTemplateVersions": {
        "200": {
            "versions": [{name: one for name, one in _VERSION.items() if name != "composition"}]
        }
    },
    "getTemplateVersion": {"200": {"version": _VERSION}},
    "listBrandKits": {"200": {"brand_kits": [_LISTED_KIT]}},
    "getBrandKit": {"200": {"brand_kit": _STORED_KIT}},
    "setBrandKit": {"200": {"brand_kit": _STORED_KIT}},
    "listTargets": {
        "200": {
            "targets": [
                {
                    "name": "tiktok",
                    "title": _TARGET.title,
                    "format": _TARGET.format.model_dump(),
                    "min_seconds": _TARGET.min_seconds,
                    "max_seconds": _TARGET.max_seconds,
                    "safe_area": {"top": 0.08, "right": 0.14, "bottom": 0.23, "left": 0.06},
                    "loudness_lufs": _TARGET.loudness_lufs,
                    "bit_rate_kbps": _TARGET.bit_rate_kbps,
                    "source": _TARGET.source,
                }
            ]
        }
    },
}
