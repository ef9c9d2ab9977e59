"""GALA's HTTP API as tools of the Model Context Protocol (MCP), for AI assistants."""

from __future__ import annotations

from gala.mcp_server.server import make_server, serve_http, serve_stdio

__all__ = ["make_server", "serve_http", "serve_stdio"]
