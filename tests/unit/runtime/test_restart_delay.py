"""The supervisor's delay before it restarts a program."""

from __future__ import annotations

from gala.supervisor import restart_delay


def test_the_first_restart_comes_soon() -> None:
    assert restart_delay(1) == 0.5


def test_the_delay_doubles_with_every_end_in_a_row() -> None:
    assert [restart_delay(n) for n in (1, 2, 3, 4)] == [0.5, 1.0, 2.0, 4.0]


def test_the_delay_stays_bounded_however_often_a_program_ends() -> None:
    assert restart_delay(10_000) == 30.0
