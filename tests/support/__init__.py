"""Helpers that tests share; :mod:`tests.conftest` lists the fixtures."""
