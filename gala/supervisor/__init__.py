"""Start, monitor, restart and stop the processes of one machine.

A :class:`Program` describes what to run, a :class:`Process` runs one program, a
:class:`Supervisor` keeps several running and starts them in stages.
"""

from __future__ import annotations

from gala.supervisor.ports import free_port, is_free
from gala.supervisor.process import Process, wait_gone
from gala.supervisor.program import Account, Program, ServiceFailed, http_ready
from gala.supervisor.supervisor import Supervisor, restart_delay

__all__ = [
    "Account",
    "Process",
    "Program",
    "ServiceFailed",
    "Supervisor",
    "free_port",
    "http_ready",
    "is_free",
    "restart_delay",
    "wait_gone",
]
