"""Forms of the media server: URL-encoded or multipart; an empty field counts as absent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from starlette.requests import Request

from gala_api.dependencies import Services
from gala_api.http.uploads import ReceivedFile, ReceivedForm, receive_form
from gala_api.media_server.errors import InvalidForm
from gala_api.rate_limit.upload_quota import upload_limit

Form = TypeVar("Form", bound="FormModel")


class FormModel(BaseModel):
    """Base class of the forms; unknown fields are ignored, as in the media server 0.3.5."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def _lowercase(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


FormBool = Annotated[bool, BeforeValidator(_lowercase)]
"""``true``, ``True``, ``1``, ``on``, ``yes`` and their opposites, in any case."""


def parse(model: type[Form], fields: Mapping[str, str]) -> Form:
    """Return the validated form; raise InvalidForm."""
    present = {name: value for name, value in fields.items() if value != ""}
    try:
        return model.model_validate(present)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        raise InvalidForm({**one, "loc": ("body", *one["loc"])} for one in problems) from error


@asynccontextmanager
async def received(
    request: Request, services: Services, owner: str, model: type[Form], *, files: Collection[str]
) -> AsyncIterator[tuple[Form, Mapping[str, ReceivedFile]]]:
    """Yield the form and its files, which are removed at the end of the block.

    An empty file without a name counts as absent. The owner's quota limits the size of the files.
    """
    async with (
        upload_limit(services, owner) as max_bytes,
        _received(request, services, files, max_bytes) as form,
    ):
        present = {name: file for name, file in form.files.items() if file.size or file.filename}
        yield parse(model, form.fields), present


async def read(request: Request, services: Services, model: type[Form]) -> Form:
    """Return a form without files."""
    max_bytes = services.settings.api_max_upload_bytes
    async with _received(request, services, (), max_bytes) as form:
        return parse(model, form.fields)


@asynccontextmanager
async def _received(
    request: Request, services: Services, files: Collection[str], max_bytes: int
) -> AsyncIterator[ReceivedForm]:
    if not {"content-type", "transfer-encoding"} & set(request.headers) and (
        request.headers.get("content-length", "0") == "0"
    ):
        # The body is empty: validation reports each required field as missing.
        yield ReceivedForm(fields={}, lists={}, files={})
        return
    staging = services.settings.uploads
    async with receive_form(request, staging=staging, files=files, max_bytes=max_bytes) as form:
        yield form
