"""What FFmpeg does for videos and sounds."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gala.engine import MediaOrder, OnProgress
from gala.errors import InvalidRequest, Unavailable
from gala.media_server.info import audio_info, video_info
from gala.media_server.render_orders import checked, merge_order
from gala_renderer.library.audio_files import probe
from gala_renderer.library.engine_call import PathLike, make


class MediaUtils:
    """Works with GALA's own FFmpeg, or with that at ``ffmpeg_path`` (a name is looked for)."""

    def __init__(self, ffmpeg_path: PathLike | None = None):
        self.ffmpeg = None if ffmpeg_path is None else _found(ffmpeg_path)

    def get_audio_info(self, path: PathLike) -> dict[str, Any]:
        """``{"duration", "channels", "sample_rate": "24000", "codec", "bitrate"}``."""
        return audio_info(probe(path, self.ffmpeg))

    def get_video_info(self, path: PathLike) -> dict[str, Any]:
        """``{"duration", "width", "height", "fps": "25", "aspect_ratio": "9:16", "codec"}``."""
        return video_info(probe(path, self.ffmpeg))

    def merge_videos(
        self,
        video_paths: Sequence[PathLike],
        output_path: PathLike,
        background_music_path: PathLike | None = None,
        background_music_volume: float = 0.5,
        *,
        on_progress: OnProgress | None = None,
    ) -> bool:
        """Join clips on the frame of the first, with music that is repeated under them."""
        if not video_paths:
            raise InvalidRequest("video_paths: give at least one video.", field="video_paths")
        music = Path(background_music_path) if background_music_path else None
        order = merge_order([Path(one) for one in video_paths], music, background_music_volume)
        return self._to(output_path, order, "video", on_progress)

    def extract_frame(
        self, video_path: PathLike, output_path: PathLike, timestamp: float = 0.0
    ) -> bool:
        """The frame shown at that time in seconds, as JPEG or, by its suffix, PNG.

        Past the end it is the one 0.3 s before it.
        """
        form = "png" if Path(output_path).suffix.lower() == ".png" else "jpeg"
        params = {"timestamp": float(timestamp), "picture_format": form}
        order = checked("thumbnail", params, {"video": Path(video_path)})
        return self._to(output_path, order, "thumbnail")

    def extract_frames(
        self,
        video_path: PathLike,
        output_dir: PathLike,
        amount: int = 5,
        length_seconds: float | None = None,
    ) -> list[Path]:
        """That many frames, evenly spread over the video or over its first ``length_seconds``.

        Gives the paths of the JPEG files in ``output_dir``, in order of time.
        """
        params: dict[str, Any] = {"count": amount}
        if length_seconds is not None:
            step = float(length_seconds) / max(1, amount)
            params = {"timestamps": [(number + 0.5) * step for number in range(amount)]}
        order = checked("frames", params, {"video": Path(video_path)})
        with tempfile.TemporaryDirectory(prefix="gala-frames-") as folder:
            archive = Path(folder) / "frames.zip"
            self._to(archive, order, "frames")
            return _unpacked(archive, Path(output_dir))

    def colorkey_overlay(
        self,
        video_path: PathLike,
        overlay_video_path: PathLike,
        output_path: PathLike,
        color: str = "green",
        similarity: float = 0.1,
        blend: float = 0.1,
        *,
        on_progress: OnProgress | None = None,
    ) -> bool:
        """Lay a video over another, one colour of it transparent; it is repeated to its length."""
        params = {"color": color, "similarity": float(similarity), "blend": float(blend)}
        inputs = {"video": Path(video_path), "overlay": Path(overlay_video_path)}
        order = checked("colorkey_overlay", params, inputs)
        return self._to(output_path, order, "video", on_progress)

    def convert_pcm_to_wav(
        self,
        pcm_path: PathLike,
        output_path: PathLike,
        sample_rate: int = 24_000,
        channels: int = 1,
        target_sample_rate: int = 44_100,
    ) -> bool:
        """Raw samples (16 bit, little endian) as WAV; rates are in hertz."""
        params = {
            "pcm": {"encoding": "s16le", "sample_rate": sample_rate, "channels": channels},
            "sample_rate": target_sample_rate,
        }
        order = checked("audio_convert", params, {"audio": Path(pcm_path)})
        return self._to(output_path, order, "audio")

    def _to(
        self,
        path: PathLike,
        order: MediaOrder,
        role: str,
        on_progress: OnProgress | None = None,
    ) -> bool:
        wanted = MediaOrder(
            type=order.type, params=order.params, inputs=order.inputs, outputs={role: Path(path)}
        )
        make(wanted, on_progress, self.ffmpeg)
        return True


def _found(ffmpeg: PathLike) -> Path:
    path = shutil.which(ffmpeg)
    if path is None:
        raise Unavailable(f"There is no FFmpeg {str(ffmpeg)!r}: leave ffmpeg_path out to use ours.")
    return Path(path).resolve()


def _unpacked(archive: Path, folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive) as frames:
        # The names are ours: frame-0001-0.500s.jpg.
        return [Path(frames.extract(name, folder)) for name in sorted(frames.namelist())]
