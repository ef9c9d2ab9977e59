"""Check a film against what its target takes, before it is rendered."""

from __future__ import annotations

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from gala.db.tables import Asset
from gala.errors import InvalidRequest
from gala.ids import Prefix, is_id
from gala.media import Format
from gala.targets import Target
from gala.templates.target_fit import target_warnings
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.document.timeline import TimelineParams
from gala.timeline.measurements import KnownMeasurements, Media
from gala.timeline.sources import sources_of
from gala_api.timeline_files import measured


def check(
    session: Session, model: BaseModel, target: Target | None, frame: Format | None
) -> list[str]:
    """Return warnings about a film and its target.

    Raise InvalidRequest if the film is too long or too short. A length that depends on speech, or
    on files that have not been inspected, is an estimate and only leads to a warning.
    """
    if target is None or not isinstance(model, TimelineParams):
        return []
    known = KnownMeasurements(_measured(session, model))
    compiled = compile_timeline(model, frame or target.format, known)
    problem = None if compiled.is_estimate else target.length_problem(float(compiled.length))
    if problem is not None:
        raise InvalidRequest(
            f"output.target: {problem}",
            field="output.target",
            rule="length",
            hint="Shorten the film, or leave the target out and give `output.aspect_ratio`.",
        )
    found = target_warnings(compiled, target)
    return [f"{one.pointer}: {one.message}" if one.pointer else one.message for one in found]


def _measured(session: Session, model: TimelineParams) -> dict[str, Media]:
    """Return length and size of the assets that have been inspected."""
    named = [source for source in sources_of(model) if is_id(Prefix.ASSET, source)]
    if not named:
        return {}
    columns = Asset.id, Asset.duration_ms, Asset.width, Asset.height
    rows = session.execute(select(*columns).where(Asset.id.in_(named)))
    return measured(rows)
