"""Descriptions of render types and jobs for assistants."""

from __future__ import annotations

from typing import Any

from gala.client import Job
from gala.render_types import RenderType


def type_summary(render_type: RenderType) -> dict[str, Any]:
    """Return the entry of a render type in a list."""
    return {
        "type": render_type.name,
        "summary": render_type.summary,
        "inputs": [
            f"{render_type.input_field(name)}{'' if spec.required else ' (optional)'}"
            for name, spec in render_type.inputs.items()
        ],
        "makes": [output.role for output in render_type.outputs],
    }


def type_details(render_type: RenderType) -> dict[str, Any]:
    """Return a render type with its inputs, params schema and an example."""
    return {
        **type_summary(render_type),
        "inputs": {
            render_type.input_field(name): {
                "summary": spec.summary,
                "required": spec.required,
                "media": sorted(spec.media),
            }
            for name, spec in render_type.inputs.items()
        },
        "params_schema": render_type.params.declared_schema(),
        "example": {"type": render_type.name, "params": dict(render_type.example)},
    }


def job_summary(job: Job) -> dict[str, Any]:
    """Return a job's progress, its outputs or its error."""
    summary: dict[str, Any] = {
        "job_id": job.id,
        "name": job.name,
        "type": job.type,
        "status": str(job.status),
        "phase": str(job.phase),
        "progress": round(job.progress, 3),
        "ended": job.ended,
    }
    if job.outputs:
        summary["asset_ids"] = job.outputs[0].asset_ids
    if job.error is not None:
        summary["error"] = job.error.model_dump(mode="json", exclude_none=True)
    return summary
