"""Taking work in for a caller of the process service, and waiting with the answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.types import Receive

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
from gala_api.http.client_disconnect import while_connected
from gala_api.jobs.event_stream import until_ended
from gala_api.jobs.submit import JobSubmission, accept
from gala_api.process_service.language import Language
from gala_api.process_service.operations import Operation
from gala_api.process_service.schemas import ProcessPending, ProcessRequest
from gala_api.process_service.status import Outcome, outcome_of, shown, status_url
from gala_api.schemas.jobs import CreateJobRequest

RETRY_SECONDS: Final = 2
"""How soon asking again is worth it."""

_WAIT: Final = re.compile(r"(?:^|[,;\s])wait=(\d{1,6})(?:$|[,;\s])")
_ASYNC: Final = re.compile(r"(?:^|[,;\s])respond-async(?:$|[,;\s])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Prefer:
    """How long the caller waits in seconds, and which of its preferences (RFC 7240) that obeys."""

    seconds: float
    applied: str | None = None

    @classmethod
    def of(cls, prefer: str | None, *, usual: float, most: float) -> Prefer:
        """From the header; ``usual`` without one, never more than ``most``."""
        wait = _WAIT.search(prefer or "")
        promptly = _ASYNC.search(prefer or "")
        if wait is not None and int(wait[1]) <= most:
            words = ["respond-async"] if promptly else []
            return cls(int(wait[1]), ", ".join([*words, f"wait={wait[1]}"]))
        if promptly:
            return cls(0, "respond-async")
        return cls(most if wait is not None else usual)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Who asks, and how the answer is wanted."""

    services: Services
    owner: str
    language: Language
    patience: Prefer
    key: str | None
    receive: Receive

    async def work(
        self,
        operation: Operation,
        body: ProcessRequest,
        sources: Sequence[str],
        params: Mapping[str, Any],
    ) -> Response:
        """Have it done, wait, and answer: 200 with the result, 202 without one yet.

        Raises what is wrong with the request, and what the work failed of.
        """
        order = _order(operation, body, operation.inputs(sources), params)
        try:
            job_id = await run_in_threadpool(accept, self.services, self.owner, order, self.key)
        except (InvalidRequest, NotFound, UnsupportedMedia, UnprocessableMedia, UrlRefused,
                AssetPending) as error:  # fmt: skip
            raise operation.told_outside(error) from error
        outcome = await self._waited(job_id)
        if outcome.error is not None:
            raise _about(self.services, outcome.error, job_id)
        return self._answer(outcome)

    async def status(self, job_id: str) -> Response:
        """How far that work is; with 200 whatever it has come to."""
        await run_in_threadpool(outcome_of, self.services, self.owner, job_id)
        return self._answer(await self._waited(job_id), asked_later=True)

    async def _waited(self, job_id: str) -> Outcome:
        if self.patience.seconds > 0:
            # The work goes on without the caller; only the waiting ends.
            async with while_connected(self.receive):
                await until_ended(self.services, job_id, self.patience.seconds)
        return await run_in_threadpool(outcome_of, self.services, self.owner, job_id)

    def _answer(self, outcome: Outcome, *, asked_later: bool = False) -> Response:
        told = shown(self.services, outcome, self.language)
        answer = JSONResponse(told.model_dump(mode="json"), headers=self._headers())
        if isinstance(told, ProcessPending):
            answer.headers["Retry-After"] = str(RETRY_SECONDS)
            answer.headers["Location"] = told.status_url
            if not asked_later:
                answer.status_code = HTTPStatus.ACCEPTED
        return answer

    def _headers(self) -> dict[str, str]:
        applied = self.patience.applied
        return {
            "Content-Language": self.language.value,
            "Vary": "Accept-Language, Prefer",
            "Cache-Control": "no-store",
            **({} if applied is None else {"Preference-Applied": applied}),
        }


def _order(
    operation: Operation, body: ProcessRequest, inputs: Mapping[str, Any], params: Mapping[str, Any]
) -> JobSubmission:
    request = CreateJobRequest(
        type=operation.type,
        inputs=dict(inputs),
        params=dict(params),
        session_id=body.session_id,
        creation_id=body.creation_id,
        metadata=body.metadata,
        callback_url=body.callback_url,
    )
    asked = {"process": operation.type, **body.model_dump(mode="json", exclude_unset=True)}
    return JobSubmission(request=request, lane=Lane.INTERACTIVE, asked=asked)


def _about(services: Services, error: GalaError, job_id: str) -> GalaError:
    where = {"job_id": job_id, "status_url": status_url(services, job_id)}
    return error_of(error.code, error.message, hint=error.hint, details={**error.details, **where})
