"""Errors of range requests (RFC 9110)."""

from __future__ import annotations

from gala.errors import ErrorCode, GalaError


class UnsatisfiableRange(GalaError):
    """The requested range lies outside of this object."""

    code = ErrorCode.RANGE_NOT_SATISFIABLE

    def __init__(self, size: int):
        """``size`` is the object's, in bytes."""
        super().__init__(f"The requested range lies outside of this object of {size} bytes.")
        self.headers = {"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"}
