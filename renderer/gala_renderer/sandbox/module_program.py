"""Runs a module of ours that finds our packages without listing the folders above them.

Landlock can allow to list a folder only with all that is below it, and a clone contains more than
its packages. Python's own finders list each folder of ``sys.path``.
"""

from __future__ import annotations

import os
import runpy
import sys
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location


class PackageFinder:
    """Finds packages by their folders."""

    def __init__(self, folders: list[str]):
        self._files = {
            os.path.basename(folder): os.path.join(folder, "__init__.py")  # noqa: PTH118, PTH119
            for folder in folders
        }

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Return where a package is; None for parts of packages, which Python finds."""
        del path, target
        return spec_from_file_location(name, self._files[name]) if name in self._files else None


def main(folders: str, module: str, *arguments: str) -> None:
    """Run the module as ``python -m`` does; ``folders`` are those of packages."""
    sys.meta_path.append(PackageFinder(folders.split(os.pathsep)))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
