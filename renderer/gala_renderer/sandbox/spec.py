"""What the renderer asks of the launcher, as the launcher's arguments."""

from __future__ import annotations

_END = "--"


class SandboxSpec:
    """One program, what it may use, and what it may see. Paths are absolute and free of links."""

    def __init__(self, *, parent: int, level: str, program: list[str], uid: int = -1):
        self.parent = parent
        self.level = level
        self.uid = uid
        """Who it becomes; -1: stays who the renderer is."""
        self.memory = self.cpu_seconds = self.file_bytes = self.processes = self.niceness = 0
        self.read: list[str] = []
        """Files and folders that it may read, and run programs from."""
        self.given: list[str] = []
        """Folders of the job's that it may read."""
        self.write: list[str] = []
        """Folders that are its own."""
        self.devices: list[str] = []
        self.links: list[str] = []
        """Symbolic links of the system, which are made again."""
        self.program = program

    def arguments(self) -> list[str]:
        """Words of which ``parse_spec`` makes the same order again."""
        words = [
            f"{name}={value}" for name, value in vars(self).items() if not isinstance(value, list)
        ]
        for name, value in vars(self).items():
            if isinstance(value, list) and name != "program":
                words += [f"{name}={path}" for path in value]
        return [*words, _END, *self.program]


def parse_spec(words: list[str]) -> SandboxSpec:
    """The order that these words were made of."""
    end = words.index(_END)
    order = SandboxSpec(parent=0, level="", program=words[end + 1 :])
    for word in words[:end]:
        name, _, value = word.partition("=")
        known = getattr(order, name)
        if isinstance(known, list):
            known.append(value)
        else:
            setattr(order, name, value if isinstance(known, str) else int(value))
    return order
