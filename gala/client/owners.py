"""What belongs to an owner: limits and pronunciations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from gala.client.connection import Connection, read, read_all, segment
from gala.client.models import Limits, Pronunciation, Quota
from gala.errors import PreconditionFailed

_CHANGE_ATTEMPTS: Final = 20


class OwnerCalls(Connection):
    """Requests for the caller, and for other owners."""

    def quotas(self) -> list[Quota]:
        """Return the owners with individual limits."""
        found: list[Quota] = []
        query: dict[str, Any] = {"limit": 200}
        while True:
            answer = self.call("GET", "/quotas", params=query)
            found += read_all(Quota, answer, "quotas")
            if answer.get("next_cursor") is None:
                return found
            query["cursor"] = answer["next_cursor"]

    def quota(self, owner_id: str | None = None) -> Quota:
        """Return the limits and usage of an owner, or of the caller."""
        path = "/me/quota" if owner_id is None else f"/quotas/{segment(owner_id)}"
        return read(Quota, self.call("GET", path), "quota")

    def set_quota(self, owner_id: str, own: Limits) -> Quota:
        """Replace all individual limits of an owner."""
        path = f"/quotas/{segment(owner_id)}"
        return read(Quota, self.call("PUT", path, json=own.model_dump()), "quota")

    def pronunciations(self) -> list[Pronunciation]:
        """Return how the caller wants names and words to be spoken in all jobs."""
        return read_all(Pronunciation, self.call("GET", "/pronunciations"), "pronunciations")

    def set_pronunciations(self, listed: Iterable[Pronunciation]) -> list[Pronunciation]:
        """Replace the caller's pronunciations."""
        return self._put_pronunciations(listed, {})

    def change_pronunciations(
        self, change: Callable[[list[Pronunciation]], Iterable[Pronunciation]]
    ) -> list[Pronunciation]:
        """Replace the caller's pronunciations by what ``change`` makes of them.

        It is called again if somebody else has changed them in between, so that nothing is lost.
        """
        for _ in range(_CHANGE_ATTEMPTS):
            found = self.request("GET", "/pronunciations")
            before = read_all(Pronunciation, self.parsed(found), "pronunciations")
            # An older server has no tags, and ignores the condition.
            condition = {"If-Match": found.headers.get("ETag", "*")}
            try:
                return self._put_pronunciations(change(before), condition)
            except PreconditionFailed:
                continue
        raise PreconditionFailed("The pronunciations were changed all the time; try again later.")

    def _put_pronunciations(
        self, listed: Iterable[Pronunciation], condition: Mapping[str, str]
    ) -> list[Pronunciation]:
        body = {"pronunciations": [one.model_dump(exclude_none=True) for one in listed]}
        answer = self.call("PUT", "/pronunciations", json=body, headers=condition)
        return read_all(Pronunciation, answer, "pronunciations")
