"""Images from a diffusion model in this process, if the extra ``images`` is installed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from gala.errors import EngineMissing, RenderFailed
from gala.generation.image_requests import ImageRequest
from gala.installation import install_hint

INDEX: Final = "model_index.json"
"""The file in a model's folder that lists its components."""
_NEEDED: Final = ("diffusers", "transformers", "torch")
_EXCERPT: Final = 200
_CHECK_SECONDS: Final = 0.2
_BLOCK: Final = 32
"""Models need sides that are multiples of 8 (Stable Diffusion), 16 (Flux) or 32 (Sana) pixels."""

_lock = threading.Lock()
"""One image at a time: concurrent ones would only share one device."""
_loaded: dict[tuple[str, str], Any] = {}


def missing() -> str | None:
    """Return what to install, in one sentence, or ``None`` if everything is installed."""
    absent = [name for name in _NEEDED if find_spec(name) is None]
    if not absent:
        return None
    return (
        f"Images cannot be generated on this machine ({', '.join(absent)} missing):"
        f" {install_hint('images')}."
    )


def draw(
    request: ImageRequest,
    target: Path,
    *,
    progress: Callable[[float], None],
    checkpoint: Callable[[], None],
    device: str = "auto",
) -> None:
    """Generate an image as PNG with its ``model``: a folder, or a name in Hugging Face's cache.

    Blocks. ``checkpoint`` is called between steps and may raise to stop the work; ``device`` is
    ``auto``, ``cpu``, ``mps`` or ``cuda``. Raise ``EngineMissing`` if the model is not installed.
    """
    if reason := missing():
        raise EngineMissing(reason)
    with _exclusive(checkpoint):
        pipeline = load(str(request.model), device)
        try:
            image = _generate(pipeline, request, progress, checkpoint)
        except (TypeError, ValueError, RuntimeError) as error:
            if _is_device_error(error):
                raise
            # Models differ in their parameters, and devices in their memory; their own message is
            # the most precise one.
            message = f"The model {request.model!r} cannot draw this: {str(error)[:_EXCERPT]}"
            raise RenderFailed(message) from error
    if image.width >= request.width and image.height >= request.height:
        image = image.crop((0, 0, request.width, request.height))
    image.save(target, "PNG")


def _is_device_error(error: Exception) -> bool:
    """Return True if the device has failed, so that this process cannot compute any more."""
    import torch  # noqa: PLC0415

    # Older versions of torch do not have this class.
    return isinstance(error, getattr(torch, "AcceleratorError", ()))


@contextmanager
def _exclusive(checkpoint: Callable[[], None]) -> Iterator[None]:
    """Hold the lock; while waiting for it, ``checkpoint`` may raise."""
    checkpoint()
    while not _lock.acquire(timeout=_CHECK_SECONDS):
        checkpoint()
    try:
        yield
    finally:
        _lock.release()


def load(model: str, device: str = "auto") -> Any:
    """Return the model's pipeline, without downloading; the last one stays loaded."""
    if (model, device) not in _loaded:
        folder = _folder(model)
        import diffusers  # noqa: PLC0415 - loads torch and more

        pipeline_class: Any = diffusers.DiffusionPipeline
        try:
            found = pipeline_class.from_pretrained(folder, local_files_only=True)
            _loaded.clear()
            _loaded[model, device] = found.to(_device(device))
        except (OSError, ValueError, RuntimeError, AssertionError) as error:
            # torch raises AssertionError for a missing device, RuntimeError for too little memory.
            message = f"The model {model!r} cannot be loaded: {str(error)[:_EXCERPT]}"
            raise EngineMissing(message) from error
        found.set_progress_bar_config(disable=True)
    return _loaded[model, device]


def _folder(model: str) -> Path:
    """Return the folder of the model's files on this machine; nothing is downloaded."""
    from huggingface_hub import try_to_load_from_cache  # noqa: PLC0415

    folder, download = Path(model), ""
    # Some names are valid neither as a path nor as a repository.
    with suppress(OSError, ValueError):
        index: Any = folder / INDEX
        if not folder.is_dir():
            index = try_to_load_from_cache(model, INDEX)
            download = f"hf download {model}, or "
        if isinstance(index, str | Path) and Path(index).is_file():
            return Path(index).parent
    raise EngineMissing(
        f"The weights of {model!r} are not on this machine: {download}"
        f"set the model to a folder that has a {INDEX}."
    )


def unload() -> None:
    """Release the loaded model."""
    with _lock:
        _loaded.clear()


def _device(device: str) -> str:
    import torch  # noqa: PLC0415

    if device != "auto":
        return device
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _generate(
    pipeline: Any,
    request: ImageRequest,
    progress: Callable[[float], None],
    checkpoint: Callable[[], None],
) -> Any:
    import torch  # noqa: PLC0415

    def on_step(_: Any, step: int, __: Any, values: dict[str, Any]) -> dict[str, Any]:
        checkpoint()
        # Some models take more steps than requested.
        progress(min(1.0, (step + 1) / request.steps))
        return values

    generator = None
    if request.seed is not None:
        # A generator on the CPU makes results independent of the device.
        generator = torch.Generator("cpu").manual_seed(request.seed)
    result = pipeline(
        prompt=request.full_prompt,
        negative_prompt=request.negative_prompt,
        width=_rounded_up(request.width),
        height=_rounded_up(request.height),
        num_inference_steps=request.steps,
        generator=generator,
        callback_on_step_end=on_step,
    )
    return result.images[0]


def _rounded_up(side: int) -> int:
    return -(-side // _BLOCK) * _BLOCK
