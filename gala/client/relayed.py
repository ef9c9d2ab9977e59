"""What is answered at once, without a job: voices, and frames of films."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gala.client.connection import Connection, segment


class RelayedCalls(Connection):
    """Requests that the renderer answers at once."""

    def voices(
        self,
        *,
        language: str | None = None,
        engine: str | None = None,
        gender: str | None = None,
        q: str | None = None,
    ) -> list[dict[str, Any]]:
        """Return the voices that match: ``id``, ``name``, ``engine``, ``language``, ``gender``,
        ``licence``, ``description``, ``sample_url``. Requests name a voice by its ``id``.
        """
        query = {"language": language, "engine": engine, "gender": gender, "q": q}
        given = {name: value for name, value in query.items() if value is not None}
        return list(self.call("GET", "/voices", params=given)["voices"])

    def voice_sample(self, voice: str, *, engine: str | None = None) -> bytes:
        """Return an MP3 file in which the voice of that id speaks a sentence."""
        query = {} if engine is None else {"engine": engine}
        path = f"/voices/{segment(voice)}/sample"
        return self.request("GET", path, params=query).content

    def timeline_plan(
        self,
        composition: Mapping[str, Any],
        *,
        output: Mapping[str, Any] | None = None,
        brand: str | None = None,
    ) -> dict[str, Any]:
        """Return the plan of a composition: times, places and warnings, without rendering it.

        ``output`` is that of a job: ``{"aspect_ratio": "16:9"}``, ``brand`` names a brand kit.
        """
        body = _planned(composition, output, brand)
        planned: dict[str, Any] = self.request("POST", "/timeline/plan", json=body).json()["plan"]
        return planned

    def job_timeline(self, job_id: str) -> dict[str, Any]:
        """Return the compiled composition of a job of type ``timeline``: layers, times, places."""
        found: dict[str, Any] = self.request("GET", f"/jobs/{segment(job_id)}/timeline").json()
        plan: dict[str, Any] = found["plan"]
        return plan

    def timeline_frame(
        self,
        composition: Mapping[str, Any],
        at: float | str,
        *,
        format: str = "png",  # noqa: A002 - the name of the API
        width: int | None = None,
        output: Mapping[str, Any] | None = None,
        brand: str | None = None,
    ) -> bytes:
        """Return one frame of a composition as a picture, without a job.

        ``at`` is in seconds of the film, or a timecode; ``format`` is png, jpeg or webp, ``width``
        in pixels. ``output`` is that of a job: ``{"aspect_ratio": "16:9"}``, ``brand`` names a
        brand kit.
        """
        query = {"at": at, "format": format, "width": width}
        given = {name: value for name, value in query.items() if value is not None}
        body = _planned(composition, output, brand)
        return self.request("POST", "/timeline/frame", params=given, json=body).content


def _planned(
    composition: Mapping[str, Any], output: Mapping[str, Any] | None, brand: str | None
) -> dict[str, Any]:
    body = {"params": dict(composition), "output": dict(output or {})}
    return body if brand is None else {**body, "brand": brand}
