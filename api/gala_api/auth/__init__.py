"""Authentication and authorization: the caller of a request, and the permission of a route."""
