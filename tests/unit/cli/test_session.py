"""A session: what is converted, and when the progress bar is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import typer

from gala.cli.progress import ShowProgress
from gala.cli.rendering import session
from gala.cli.rendering.options import CommonOptions
from gala.cli.rendering.output_files import AtomicOutputs
from gala.cli.rendering.request import RenderCommand
from gala.cli.rendering.session import RenderSession
from gala.engine import Made, MadeFile, MediaOrder, OnProgress, SpeechVoice
from gala.errors import InvalidRequest
from gala.mime import SUFFIXES
from gala.render_protocol import Progress

MIMES = {suffix: mime for mime, suffix in SUFFIXES.items()}


class FakeEngine:
    """Writes the name of its order into every output that ``made`` names."""

    def __init__(self, *made: str):
        self.made = made
        self.more: tuple[str, ...] = ()
        self.orders: list[MediaOrder] = []

    def make(self, order: MediaOrder, on_progress: OnProgress | None = None) -> Made:
        self.orders.append(order)
        if on_progress:
            on_progress(Progress(fraction=1.0, step="finishing"))
        files = {}
        for role, path in order.outputs.items():
            if role in self.made:
                path.write_text(order.type)
                files[role] = MadeFile(path=path, mime=MIMES[path.suffix], size=4, sha256="")
        return Made(files=files, warnings=(f"from {order.type}", *self.more))

    async def make_async(self, order: MediaOrder, on_progress: OnProgress | None = None) -> Made:
        return self.make(order, on_progress)

    def lacks(self, what: str) -> str | None:
        return None

    def voices(self) -> Sequence[SpeechVoice]:
        return ()

    def voice_sample(self, voice: SpeechVoice) -> bytes:
        return b""


def trim(engine: FakeEngine, target: Path, roles: Sequence[str] = ("audio",)) -> RenderSession:
    common = CommonOptions(server=None, force=False, as_json=False)
    with AtomicOutputs(force=False) as outputs:
        made = RenderSession(common, engine, outputs)
        made.make(RenderCommand(type="trim"), dict.fromkeys(roles, target))
        made.deliver()
        return made


@pytest.mark.parametrize(("suffix", "audio_format"), [(".mp3", "mp3"), (".opus", "ogg")])
def test_sound_is_converted_to_the_format_of_its_name(
    suffix: str, audio_format: str, tmp_path: Path
) -> None:
    engine, target = FakeEngine("audio"), tmp_path / f"x{suffix}"
    MIMES.setdefault(suffix, MIMES[f".{audio_format}"])
    done = trim(engine, target)
    assert [order.type for order in engine.orders] == ["trim", "audio_convert"]
    assert engine.orders[0].outputs["audio"].suffix == ".m4a"
    assert engine.orders[1].params == {"audio_format": audio_format}
    assert engine.orders[1].inputs == {"audio": engine.orders[0].outputs["audio"]}
    assert target.read_text() == "audio_convert"
    assert done.warnings == ["from trim", "from audio_convert"]
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


def test_what_the_type_makes_itself_is_not_converted(tmp_path: Path) -> None:
    engine = FakeEngine("audio")
    trim(engine, tmp_path / "x.m4a")
    assert [order.type for order in engine.orders] == ["trim"]


def test_a_sound_of_a_video_is_refused_with_the_ending_that_there_is(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="makes no audio") as refused:
        trim(FakeEngine("video"), tmp_path / "x.mp3")
    assert refused.value.hint == "end the name in .mp4"


def test_the_bar_is_gone_when_the_path_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    @contextmanager
    def bar() -> Iterator[ShowProgress]:
        seen.append("bar")
        yield lambda step, fraction: seen.append(f"{step} {fraction:.0%}")
        seen.append("bar removed")

    monkeypatch.setattr(session, "progress_bar", bar)
    monkeypatch.setattr(typer, "echo", seen.append)
    trim(FakeEngine("audio"), tmp_path / "x.m4a")
    assert seen == ["bar", "finishing 100%", "bar removed", str(tmp_path / "x.m4a")]


def test_warnings_name_options_and_inputs_as_they_are_called_on_the_command_line(
    tmp_path: Path,
) -> None:
    engine = FakeEngine("video")
    engine.more = ("inputs.portrait_asset_ids: the face is small", "inputs.logo_asset_id: odd")
    target = tmp_path / "x.mp4"
    common = CommonOptions(server=None, force=False, as_json=False)
    command = RenderCommand(type="presenter", labels={"inputs.portrait_asset_ids": "BODY"})
    with AtomicOutputs(force=False) as outputs:
        made = RenderSession(common, engine, outputs)
        made.make(command, {"video": target})
    assert made.warnings == ["from presenter", "BODY: the face is small", "inputs.logo: odd"]
