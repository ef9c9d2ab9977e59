"""Runs the command line: ``python -m gala.cli``."""

from __future__ import annotations

from gala.cli import main

if __name__ == "__main__":
    main()
