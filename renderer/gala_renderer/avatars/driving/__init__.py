"""Portraits that are animated by a service of the operator instead of GALA."""
