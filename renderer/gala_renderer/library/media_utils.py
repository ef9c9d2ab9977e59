"""Operations on video and audio files with FFmpeg."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gala.engine import MediaOrder, OnProgress
from gala.errors import InvalidRequest, Unavailable
from gala.media_server.info import audio_info, video_info
from gala.media_server.render_orders import merge_order, validated_order
from gala_renderer.library.audio_files import probe
from gala_renderer.library.engine_call import PathLike, make


class MediaUtils:
    """Uses GALA's own FFmpeg, or the one at ``ffmpeg_path``: a path, or a name on ``PATH``."""

    def __init__(self, ffmpeg_path: PathLike | None = None):
        self.ffmpeg = None if ffmpeg_path is None else _find_ffmpeg(ffmpeg_path)

    def get_audio_info(self, path: PathLike) -> dict[str, Any]:
        """Return the audio's ``duration`` in seconds, ``channels``, ``sample_rate`` (``"24000"``),
        ``codec`` and ``bitrate``."""
        return audio_info(probe(path, self.ffmpeg))

    def get_video_info(self, path: PathLike) -> dict[str, Any]:
        """Return the video's ``duration`` in seconds, ``width``, ``height``, ``fps`` (``"25"``),
        ``aspect_ratio`` (``"9:16"``) and ``codec``."""
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
        """Join videos at the size of the first one, with background music that is looped."""
        if not video_paths:
            raise InvalidRequest(
                "video_paths: At least one video is required.", field="video_paths"
            )
        music = Path(background_music_path) if background_music_path else None
        order = merge_order([Path(path) for path in video_paths], music, background_music_volume)
        return self._to(output_path, order, "video", on_progress)

    def extract_frame(
        self, video_path: PathLike, output_path: PathLike, timestamp: float = 0.0
    ) -> bool:
        """Save the frame at ``timestamp`` seconds as JPEG, or as PNG if the path's suffix is .png.

        After the end of the video, it is the frame 0.3 s before the end.
        """
        picture_format = "png" if Path(output_path).suffix.lower() == ".png" else "jpeg"
        params = {"timestamp": float(timestamp), "picture_format": picture_format}
        order = validated_order("thumbnail", params, {"video": Path(video_path)})
        return self._to(output_path, order, "thumbnail")

    def extract_frames(
        self,
        video_path: PathLike,
        output_dir: PathLike,
        amount: int = 5,
        length_seconds: float | None = None,
    ) -> list[Path]:
        """Save ``amount`` frames, evenly spaced over the video or its first ``length_seconds``.

        Return the paths of the JPEG files in ``output_dir``, in order of time.
        """
        params: dict[str, Any] = {"count": amount}
        if length_seconds is not None:
            step = float(length_seconds) / max(1, amount)
            params = {"timestamps": [(number + 0.5) * step for number in range(amount)]}
        order = validated_order("frames", params, {"video": Path(video_path)})
        with tempfile.TemporaryDirectory(prefix="gala-frames-") as folder:
            archive = Path(folder) / "frames.zip"
            self._to(archive, order, "frames")
            return _unpack(archive, Path(output_dir))

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
        """Overlay a video of which one color is transparent; it is looped to the other's length."""
        params = {"color": color, "similarity": float(similarity), "blend": float(blend)}
        inputs = {"video": Path(video_path), "overlay": Path(overlay_video_path)}
        order = validated_order("colorkey_overlay", params, inputs)
        return self._to(output_path, order, "video", on_progress)

    def convert_pcm_to_wav(
        self,
        pcm_path: PathLike,
        output_path: PathLike,
        sample_rate: int = 24_000,
        channels: int = 1,
        target_sample_rate: int = 44_100,
    ) -> bool:
        """Convert raw samples (16 bit, little endian) to WAV; rates are in hertz."""
        params = {
            "pcm": {"encoding": "s16le", "sample_rate": sample_rate, "channels": channels},
            "sample_rate": target_sample_rate,
        }
        order = validated_order("audio_convert", params, {"audio": Path(pcm_path)})
        return self._to(output_path, order, "audio")

    def _to(
        self,
        path: PathLike,
        order: MediaOrder,
        role: str,
        on_progress: OnProgress | None = None,
    ) -> bool:
        make(replace(order, outputs={role: Path(path)}), on_progress, self.ffmpeg)
        return True


def _find_ffmpeg(ffmpeg: PathLike) -> Path:
    path = shutil.which(ffmpeg)
    if path is None:
        raise Unavailable(f"There is no FFmpeg {str(ffmpeg)!r}; omit ffmpeg_path to use GALA's.")
    return Path(path).resolve()


def _unpack(archive: Path, folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive) as frames:
        # The names are safe: the engine chose them (frame-0001-0.500s.jpg).
        return [Path(frames.extract(name, folder)) for name in sorted(frames.namelist())]
