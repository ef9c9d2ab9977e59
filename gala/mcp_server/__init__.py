"""GALA for assistants: its work as tools of the Model Context Protocol, over the HTTP API."""

from __future__ import annotations

from gala.mcp_server.server import make_server, serve_http, serve_stdio

__all__ = ["make_server", "serve_http", "serve_stdio"]
