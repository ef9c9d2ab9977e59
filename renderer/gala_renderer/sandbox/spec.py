"""The spec of one sandboxed program, and its form as arguments of the launcher."""

from __future__ import annotations

_END = "--"


class SandboxSpec:
    """A program, its resource limits and its view of files. Paths are absolute and resolved."""

    def __init__(self, *, parent: int, level: str, program: list[str], uid: int = -1):
        self.parent = parent
        self.level = level
        self.uid = uid
        """The user id to run as; -1 keeps the renderer's."""
        self.memory = self.data = self.cpu_seconds = 0
        self.file_bytes = self.processes = self.niceness = 0
        self.read: list[str] = []
        """Files and folders that it may read and execute."""
        self.job_read: list[str] = []
        """Folders of the job that it may read."""
        self.write: list[str] = []
        """Folders that it may write."""
        self.devices: list[str] = []
        self.links: list[str] = []
        """Symbolic links of the system, which are recreated in its root directory."""
        self.program = program

    def arguments(self) -> list[str]:
        """Return the arguments from which ``parse_spec`` builds an equal spec."""
        arguments = [
            f"{name}={value}" for name, value in vars(self).items() if not isinstance(value, list)
        ]
        for name, value in vars(self).items():
            if isinstance(value, list) and name != "program":
                arguments += [f"{name}={path}" for path in value]
        return [*arguments, _END, *self.program]


def parse_spec(arguments: list[str]) -> SandboxSpec:
    """Build the spec from the arguments of the launcher."""
    end = arguments.index(_END)
    spec = SandboxSpec(parent=0, level="", program=arguments[end + 1 :])
    for argument in arguments[:end]:
        name, _, value = argument.partition("=")
        current = getattr(spec, name)
        if isinstance(current, list):
            current.append(value)
        else:
            setattr(spec, name, value if isinstance(current, str) else int(value))
    return spec
