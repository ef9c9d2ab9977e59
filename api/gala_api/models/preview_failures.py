"""Errors of previews that cannot be made, so that asking again is answered at once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from gala.errors import (
    GalaError,
    InvalidRequest,
    UnprocessableMedia,
    UnsupportedMedia,
    error_of,
)
from gala_api.models.preview_request import PreviewRequest

_MOST: Final = 1000
_DUE_TO_BODY: Final = (InvalidRequest, UnprocessableMedia, UnsupportedMedia)


class PreviewFailures:
    """The errors of bodies that cannot speak, by model and by what its preview shows.

    They are forgotten when the API restarts, as after an update, which may see more. Not for
    several threads.
    """

    def __init__(self, most: int = _MOST):
        self._most = most
        self._errors: OrderedDict[str, tuple[PreviewRequest, GalaError]] = OrderedDict()

    def raise_known(self, model_id: str, wanted: PreviewRequest) -> None:
        """Raise the error of an earlier attempt at the same preview, if there was one."""
        before = self._errors.get(model_id)
        if before is not None and before[0] == wanted:
            error = before[1]
            raise error_of(error.code, error.message, hint=error.hint, details=error.details)

    @contextmanager
    def remembering(self, model_id: str, wanted: PreviewRequest) -> Iterator[None]:
        """Remember an error that the block raises, if the same body would only fail again."""
        try:
            yield
        except _DUE_TO_BODY as error:
            self._errors[model_id] = wanted, error
            if len(self._errors) > self._most:
                self._errors.popitem(last=False)
            raise
