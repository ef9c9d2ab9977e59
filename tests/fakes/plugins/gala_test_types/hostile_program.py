"""Tries to break out of the sandbox and prints for each attack ``stopped: …`` or its result.

Arguments: JSON of what it knows of the machine outside, and the names of attacks (functions of
this module). Standard library only.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

KNOWN: dict[str, str] = {}
_LIBC = ctypes.CDLL(None, use_errno=True)
_PTRACE_ATTACH = 16
_NEW_USER, _NEW_MOUNTS = 0x10000000, 0x00020000
_MORE_THAN_ANY_LIMIT = 10_000


def tcp() -> str:
    """Connect to this machine, where databases listen, and to another one."""
    for address in (("127.0.0.1", int(KNOWN["tcp_port"])), ("192.0.2.1", 80)):
        with socket.socket() as calling:
            calling.settimeout(3)
            error = calling.connect_ex(address)
            if not error:
                return f"connected to {address}"
    return _stopped(error)


def udp() -> str:
    """Send datagrams, which need no answer."""
    with socket.socket(type=socket.SOCK_DGRAM) as calling:
        calling.sendto(b"hello", ("127.0.0.1", int(KNOWN["udp_port"])))
    return "sent"


def dns() -> str:
    """Leak data in a DNS query."""
    return str(socket.getaddrinfo("example.com", 80))


def unix() -> str:
    """Connect to a Unix socket in the file system, as of Postgres."""
    with socket.socket(socket.AF_UNIX) as calling:
        calling.connect(KNOWN["unix_path"])
    return "connected"


def abstract() -> str:
    """Connect to an abstract Unix socket."""
    with socket.socket(socket.AF_UNIX) as calling:
        calling.connect("\0" + KNOWN["abstract_name"])
    return "connected"


def passwd() -> str:
    """List the users of this machine."""
    return Path("/etc/passwd").read_text()


def secret() -> str:
    """Read another job's file."""
    return Path(KNOWN["secret"]).read_text()


def listing() -> str:
    """List other jobs."""
    return ",".join(sorted(path.name for path in Path(KNOWN["jobs"]).iterdir()))


def environ() -> str:
    """Read the environment of every visible process."""
    seen = 0
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                content = (folder / "environ").read_bytes()
            except OSError:
                continue
            seen += 1
            if KNOWN["canary"].encode() in content:
                return f"the environment of process {folder.name}"
    return f"stopped: not in {seen} processes"


def kill() -> str:
    """Kill the renderer."""
    os.kill(int(KNOWN["renderer"]), signal.SIGKILL)
    return "killed"


def ptrace() -> str:
    """Trace the renderer (ptrace)."""
    if _LIBC.ptrace(_PTRACE_ATTACH, int(KNOWN["renderer"]), 0, 0) < 0:
        return _stopped(ctypes.get_errno())
    return "attached"


def memory() -> str:
    """Allocate 100 GB."""
    try:
        taken = bytearray(100 * 1024**3)
    except MemoryError:
        return "stopped: no memory"
    return f"{len(taken)} bytes"


def fork_bomb() -> str:
    """Start as many processes as possible."""
    children: list[int] = []
    try:
        while len(children) < _MORE_THAN_ANY_LIMIT:
            child = os.fork()
            if not child:
                signal.pause()
                os._exit(0)
            children.append(child)
    except BlockingIOError:
        return f"stopped: {len(children)}"
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    return f"{len(children)} processes"


def root() -> str:
    """Become root."""
    os.setuid(0)
    return f"uid {os.getuid()}"


def mount() -> str:
    """Mount a file system."""
    if _LIBC.mount(b"none", bytes(Path.cwd()), b"tmpfs", 0, None) < 0:
        return _stopped(ctypes.get_errno())
    return "mounted"


def unshare() -> str:
    """Become root in a new user namespace."""
    if _LIBC.unshare(_NEW_USER | _NEW_MOUNTS) < 0:
        return _stopped(ctypes.get_errno())
    return "unshared"


def outside() -> str:
    """Write outside the allowed folders."""
    places = [*KNOWN["outside"].split(":"), "/usr", "/", "/tmp", "/etc", str(Path(__file__).parent)]
    for place in places:
        try:
            (Path(place) / "hostile").write_text("I was here")
        except OSError:
            continue
        return f"wrote in {place}"
    return f"stopped: {len(places)} places"


def inputs() -> str:
    """Change the inputs."""
    (Path.cwd().parent / "in" / "given").write_text("changed")
    return "changed"


def link() -> str:
    """Create a link for the renderer to follow."""
    (Path.cwd().parent / "out" / "report.json.part").symlink_to("/etc/passwd")
    return "linked"


def device() -> str:
    """Create the disk's device file."""
    os.mknod("disk", 0o600 | 0o060000, os.makedev(254, 0))
    return "made"


def disk() -> str:
    """Fill the disk with files that are each small enough."""
    for number in range(20_000):
        Path(f"{number}").write_bytes(bytes(1024**2))
        time.sleep(0.01)
    return "filled"


def linger() -> str:
    """Leave a process behind in another process group."""
    if not os.fork():
        os.setsid()
        if os.fork():
            os._exit(0)
        for stream in range(3):
            os.close(stream)
        while True:
            time.sleep(0.05)
            Path("alive").write_text(str(time.time()))
    return "left behind"


def _stopped(error: int) -> str:
    return f"stopped: {os.strerror(error)}"


def main(words: list[str]) -> None:
    """Try the attacks."""
    KNOWN.update(json.loads(words[0]))
    for name in words[1:]:
        try:
            ended = globals()[name]()
        except OSError as error:
            ended = f"stopped: {error.strerror}"
        print(json.dumps({name: ended}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
