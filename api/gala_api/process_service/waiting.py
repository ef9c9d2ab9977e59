"""Submit work of the process service and wait for its result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.types import Receive

from gala.asgi import while_connected
from gala.errors import (
    AssetPending,
    GalaError,
    InvalidRequest,
    NotFound,
    UnprocessableMedia,
    UnsupportedMedia,
    UrlRefused,
    error_of,
)
from gala.job import Lane
from gala_api.dependencies import Services
from gala_api.http.headers import replay_headers
from gala_api.http.prefer import Prefer
from gala_api.jobs.event_stream import until_ended
from gala_api.jobs.submit import JobSubmission, submit_job
from gala_api.process_service.language import Language
from gala_api.process_service.operations import Operation
from gala_api.process_service.schemas import ProcessPending, ProcessRequest
from gala_api.process_service.status import Outcome, find_outcome, status_response, status_url

RETRY_SECONDS: Final = 2
"""The recommended polling interval."""


@dataclass(frozen=True, slots=True)
class WaitTime:
    """How long a request waits in seconds, and the preferences (RFC 7240) that were applied."""

    seconds: float
    applied: str | None = None

    @classmethod
    def of(cls, prefer: Prefer, *, default: float, maximum: float) -> WaitTime:
        """Return the time to wait, at most ``maximum``; ``default`` without a preference.

        A ``wait`` above the maximum is not applied.
        """
        if prefer.wait is not None and prefer.wait <= maximum:
            also = ["respond-async"] if prefer.respond_async else []
            return cls(prefer.wait, ", ".join([*also, f"wait={prefer.wait}"]))
        if prefer.respond_async:
            return cls(0, "respond-async")
        return cls(maximum if prefer.wait is not None else default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The caller of a request, and the preferences for the response."""

    services: Services
    owner: str
    language: Language
    wait: WaitTime
    key: str | None
    receive: Receive

    async def work(
        self,
        operation: Operation,
        body: ProcessRequest,
        sources: Sequence[str],
        params: Mapping[str, Any],
    ) -> Response:
        """Submit the work, wait, and respond: 200 with the result, or 202 if it is not finished.

        Raise the errors of the request and of the work.
        """
        submission = _submission(operation, body, operation.inputs(sources), params)
        try:
            job = await run_in_threadpool(
                submit_job, self.services, self.owner, submission, self.key
            )
        except (InvalidRequest, NotFound, UnsupportedMedia, UnprocessableMedia, UrlRefused,
                AssetPending) as error:  # fmt: skip
            raise operation.error_for_caller(error) from error
        outcome = await self._wait_for_outcome(job.id)
        if outcome.error is not None:
            raise _with_links(self.services, outcome.error, job.id)
        response = self._response(outcome)
        response.headers.update(replay_headers(replayed=job.replayed))
        return response

    async def status(self, job_id: str) -> Response:
        """Respond with the status of the work, always with 200."""
        await run_in_threadpool(find_outcome, self.services, self.owner, job_id)
        return self._response(await self._wait_for_outcome(job_id), is_status=True)

    async def _wait_for_outcome(self, job_id: str) -> Outcome:
        if self.wait.seconds > 0:
            # If the client disconnects, the work continues; only the waiting ends.
            async with while_connected(self.receive):
                await until_ended(self.services, job_id, self.wait.seconds)
        return await run_in_threadpool(find_outcome, self.services, self.owner, job_id)

    def _response(self, outcome: Outcome, *, is_status: bool = False) -> Response:
        body = status_response(self.services, outcome, self.language)
        response = JSONResponse(body.model_dump(mode="json"), headers=self._headers())
        if isinstance(body, ProcessPending):
            response.headers["Retry-After"] = str(RETRY_SECONDS)
            response.headers["Location"] = body.status_url
            if not is_status:
                response.status_code = HTTPStatus.ACCEPTED
        return response

    def _headers(self) -> dict[str, str]:
        applied = self.wait.applied
        return {
            "Content-Language": self.language.value,
            "Vary": "Accept-Language, Prefer",
            "Cache-Control": "no-store",
            **({} if applied is None else {"Preference-Applied": applied}),
        }


def _submission(
    operation: Operation, body: ProcessRequest, inputs: Mapping[str, Any], params: Mapping[str, Any]
) -> JobSubmission:
    return JobSubmission(
        type=operation.type,
        lane=Lane.INTERACTIVE,
        inputs=dict(inputs),
        params=dict(params),
        session_id=body.session_id,
        creation_id=body.creation_id,
        metadata=body.metadata,
        callback_url=body.callback_url,
        request_body={
            "process": operation.type,
            **body.model_dump(mode="json", exclude_unset=True),
        },
    )


def _with_links(services: Services, error: GalaError, job_id: str) -> GalaError:
    links = {"job_id": job_id, "status_url": status_url(services, job_id)}
    return error_of(error.code, error.message, hint=error.hint, details={**error.details, **links})
