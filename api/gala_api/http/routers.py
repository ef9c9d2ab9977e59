"""Routers, whose routes become routes of the app itself."""

from __future__ import annotations

from enum import Enum

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute


def operation_id(route: APIRoute) -> str:
    """Return the operation id of a route: ``create_job`` → ``createJob``."""
    first, *rest = route.name.split("_")
    return first + "".join(part.capitalize() for part in rest)


class Router(APIRouter):
    """A router for :func:`add_routes`; its prefix is the whole one, ``/api/v1/media``."""

    def __init__(
        self,
        *,
        tags: list[str | Enum],
        prefix: str = "",
        route_class: type[APIRoute] = APIRoute,
    ):
        super().__init__(
            tags=tags,
            prefix=prefix,
            route_class=route_class,
            generate_unique_id_function=operation_id,
        )


def add_routes(app: FastAPI, router: Router) -> None:
    """Add the routes of a router to the app.

    In place of FastAPI's ``include_router``, which analyses the parameters of each route again at
    the first request, and searches the routes of a router twice for each request.
    """
    app.router.routes.extend(router.routes)
