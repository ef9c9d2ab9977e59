"""What tests share; see :mod:`tests.conftest` for the fixtures."""
