"""Forms as the media server takes them: url-encoded or multipart, an empty field is absent."""

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
    """Base of the forms. Fields that are not known are ignored, as the old server did."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def _truth(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


Truth = Annotated[bool, BeforeValidator(_truth)]
"""``true``, ``True``, ``1``, ``on``, ``yes`` and their opposites."""


def parse(model: type[Form], fields: Mapping[str, str]) -> Form:
    """The form's fields. Raises InvalidForm."""
    present = {name: value for name, value in fields.items() if value != ""}
    try:
        return model.model_validate(present)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        raise InvalidForm({**one, "loc": ("body", *one["loc"])} for one in found) from error


@asynccontextmanager
async def received(
    request: Request, services: Services, owner: str, model: type[Form], *, files: Collection[str]
) -> AsyncIterator[tuple[Form, Mapping[str, ReceivedFile]]]:
    """The form and its files, which are gone when the context ends; an empty file is absent.

    Files may be as large as the owner has room for.
    """
    async with (
        upload_limit(services, owner) as max_bytes,
        _received(request, services, files, max_bytes) as form,
    ):
        found = {name: file for name, file in form.files.items() if file.size or file.filename}
        yield parse(model, form.fields), found


async def read(request: Request, services: Services, model: type[Form]) -> Form:
    """A form without files."""
    most = services.settings.api_max_upload_bytes
    async with _received(request, services, (), most) as form:
        return parse(model, form.fields)


@asynccontextmanager
async def _received(
    request: Request, services: Services, files: Collection[str], max_bytes: int
) -> AsyncIterator[ReceivedForm]:
    if not {"content-type", "transfer-encoding"} & set(request.headers) and (
        request.headers.get("content-length", "0") == "0"
    ):
        # Nothing was sent: each field that is needed is told to be missing.
        yield ReceivedForm(fields={}, lists={}, files={})
        return
    staging = services.settings.uploads
    async with receive_form(request, staging=staging, files=files, max_bytes=max_bytes) as form:
        yield form
