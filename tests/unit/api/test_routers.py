"""Routes of the app."""

from __future__ import annotations

from starlette.routing import Route

from gala_api.app import create_app


def test_each_route_is_one_of_the_app_itself() -> None:
    """FastAPI analyses the routes of included routers twice, and searches them twice a request."""
    included = [route for route in create_app().routes if not isinstance(route, Route)]
    assert included == [], "use gala_api.http.routers.add_routes in place of include_router"
