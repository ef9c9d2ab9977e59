"""Figures and their aims."""

from __future__ import annotations

import io

from rich.console import Console

from bench.platform.report import Figure, Section, show


def figure(**values: float) -> Figure:
    return Figure(what="speed", unit="MB/s", **values)


def test_a_ratio_meets_its_aim_from_the_aim_on() -> None:
    assert figure(ours=80, reference=100, least_ratio=0.8).met
    assert figure(ours=79, reference=100, least_ratio=0.8).met is False


def test_a_value_meets_its_aim_only_below_it() -> None:
    assert figure(ours=49, below=50).met
    assert figure(ours=50, below=50).met is False


def test_a_figure_without_an_aim_is_neither_met_nor_missed() -> None:
    assert figure(ours=1, reference=2).met is None


def test_a_table_shows_both_sides_their_ratio_and_the_verdict() -> None:
    shown = printed(figures=[figure(ours=75.04, reference=100, least_ratio=0.8)])
    for cell in ("75.0 MB/s", "100 MB/s", "0.75", "≥ 0.8", "missed"):
        assert cell in shown


def test_a_subject_that_cannot_be_measured_says_why() -> None:
    assert "skipped, there is no nginx here" in printed(skipped="there is no nginx here")


def printed(figures: list[Figure] | None = None, skipped: str = "") -> str:
    section = Section(
        title="Streaming", against="nginx", method="all", figures=figures or [], skipped=skipped
    )
    out = io.StringIO()
    show(section, Console(file=out, width=100))
    return out.getvalue()
