"""The response header of repeated requests in the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

from gala_api.http.headers import REPLAYED

Document = dict[str, Any]

_HEADER: Final = {
    "description": "Present if an earlier request with this `Idempotency-Key` created the job: this"
    " request created nothing, and the response describes that job as it is now.",
    "schema": {"type": "string", "enum": ["true"]},
}


def add_replay_header(document: Document) -> None:
    """Add the header to the successful responses of operations that take ``Idempotency-Key``."""
    for operations in document["paths"].values():
        for operation in operations.values():
            names = {parameter["name"] for parameter in operation.get("parameters", [])}
            if "Idempotency-Key" in names:
                for status, response in operation["responses"].items():
                    if status.startswith("2"):
                        response["headers"] = {**response.get("headers", {}), REPLAYED: _HEADER}
