"""A signal stops the server in any state of its main thread."""

from __future__ import annotations

from gala_api.granian_server import SignalSafeServer


def test_a_signal_that_interrupts_the_wait_itself_neither_hangs_nor_is_lost() -> None:
    server = SignalSafeServer("nobody:home")
    # The signal may interrupt the main thread inside wait(), while it holds the event's lock.
    with server.main_loop_interrupt._cond:
        server.signal_handler_interrupt()
        server.signal_handler_interrupt()
    assert server.main_loop_interrupt.wait(5)
    assert server.interrupt_signal
