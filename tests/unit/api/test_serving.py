"""A signal stops the server whatever its main thread is doing."""

from __future__ import annotations

from gala_api.granian_server import SignalSafeServer


def test_a_signal_that_interrupts_the_wait_itself_neither_hangs_nor_is_lost() -> None:
    server = SignalSafeServer("nobody:home")
    # Where a signal may find the main thread: inside wait(), with the event's lock in its hands.
    with server.main_loop_interrupt._cond:
        server.signal_handler_interrupt()
        server.signal_handler_interrupt()
    assert server.main_loop_interrupt.wait(5)
    assert server.interrupt_signal
