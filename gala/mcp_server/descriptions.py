"""What an assistant reads about render types, jobs and assets: short, and complete."""

from __future__ import annotations

from typing import Any

from gala.client import Job
from gala.render_types import RenderType


def type_line(render_type: RenderType) -> dict[str, Any]:
    """A render type in a list."""
    return {
        "type": render_type.name,
        "summary": render_type.summary,
        "inputs": [
            f"{render_type.input_field(name)}{'' if spec.required else ' (optional)'}"
            for name, spec in render_type.inputs.items()
        ],
        "makes": [output.role for output in render_type.outputs],
    }


def type_in_full(render_type: RenderType) -> dict[str, Any]:
    """A render type with everything that a job of it can say."""
    return {
        **type_line(render_type),
        "inputs": {
            render_type.input_field(name): {
                "summary": spec.summary,
                "required": spec.required,
                "media": sorted(spec.media),
            }
            for name, spec in render_type.inputs.items()
        },
        "params_schema": render_type.params.model_json_schema(),
        "example": {"type": render_type.name, "params": dict(render_type.example)},
    }


def job_told(job: Job) -> dict[str, Any]:
    """A job: how far it is, what it made, or why it failed."""
    told: dict[str, Any] = {
        "job_id": job.id,
        "name": job.name,
        "type": job.type,
        "status": str(job.status),
        "phase": str(job.phase),
        "progress": round(job.progress, 3),
        "ended": job.ended,
    }
    if job.outputs:
        told["asset_ids"] = job.outputs[0].asset_ids
    if job.error is not None:
        told["error"] = job.error.model_dump(mode="json", exclude_none=True)
    return told
