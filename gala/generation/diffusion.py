"""Pictures by a diffusion model in this process, where it is installed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from gala.errors import EngineMissing, RenderFailed
from gala.generation.image_requests import Picture

INDEX: Final = "model_index.json"
"""The file in a model's folder that says what it consists of."""
_NEEDED: Final = ("diffusers", "transformers", "torch")
_EXCERPT: Final = 200
_PATIENCE_SECONDS: Final = 0.2
_GRAIN: Final = 32
"""Models draw blocks of so many pixels: 8 (Stable Diffusion), 16 (Flux) or 32 (Sana)."""

_drawing = threading.Lock()
"""One picture at a time: they would only share one chip."""
_loaded: dict[tuple[str, str], Any] = {}


def missing() -> str | None:
    """``None`` if it is installed, or what to install, in one sentence."""
    absent = [name for name in _NEEDED if find_spec(name) is None]
    if not absent:
        return None
    return (
        f"Pictures cannot be drawn on this machine ({', '.join(absent)} missing):"
        ' pip install "gala[images]".'
    )


def draw(
    picture: Picture,
    target: Path,
    *,
    progress: Callable[[float], None],
    checkpoint: Callable[[], None],
    device: str = "auto",
) -> None:
    """Draw it as PNG, by the ``model`` that it names: a folder, or a name in Hugging Face's cache.

    Blocks. ``checkpoint`` is called between steps and may raise, to stop; ``device`` is ``auto``,
    ``cpu``, ``mps`` or ``cuda``. Raises ``EngineMissing`` if the model is not here.
    """
    if reason := missing():
        raise EngineMissing(reason)
    with _turn(checkpoint):
        pipeline = load(str(picture.model), device)
        try:
            drawn = _drawn(pipeline, picture, progress, checkpoint)
        except (TypeError, ValueError, RuntimeError) as error:
            if _is_of_the_chip(error):
                raise
            # Models differ in what they can be told, and chips in their memory; theirs is the
            # clearest sentence about it.
            said = f"The model {picture.model!r} cannot draw this: {str(error)[:_EXCERPT]}"
            raise RenderFailed(said) from error
    if drawn.width >= picture.width and drawn.height >= picture.height:
        drawn = drawn.crop((0, 0, picture.width, picture.height))
    drawn.save(target, "PNG")


def _is_of_the_chip(error: Exception) -> bool:
    """Whether nothing can be computed in this process any more."""
    import torch  # noqa: PLC0415

    # Older versions of torch cannot tell it.
    return isinstance(error, getattr(torch, "AcceleratorError", ()))


@contextmanager
def _turn(checkpoint: Callable[[], None]) -> Iterator[None]:
    """Wait for it; whoever is stopped meanwhile does not wait to the end."""
    checkpoint()
    while not _drawing.acquire(timeout=_PATIENCE_SECONDS):
        checkpoint()
    try:
        yield
    finally:
        _drawing.release()


def load(model: str, device: str = "auto") -> Any:
    """The model's pipeline, from this machine alone; the last one stays loaded."""
    if (model, device) not in _loaded:
        folder = _folder(model)
        import diffusers  # noqa: PLC0415 - loads torch and more

        kind: Any = diffusers.DiffusionPipeline
        try:
            found = kind.from_pretrained(folder, local_files_only=True)
            _loaded.clear()
            _loaded[model, device] = found.to(_chip(device))
        except (OSError, ValueError, RuntimeError, AssertionError) as error:
            # A chip that is not there is an AssertionError of torch's, one too small its
            # RuntimeError.
            said = f"The model {model!r} cannot be loaded: {str(error)[:_EXCERPT]}"
            raise EngineMissing(said) from error
        found.set_progress_bar_config(disable=True)
    return _loaded[model, device]


def _folder(model: str) -> Path:
    """Where its files are. Nobody is asked on the network: who wants weights fetches them."""
    from huggingface_hub import try_to_load_from_cache  # noqa: PLC0415

    named, fetched = Path(model), ""
    # Some names can be no folder's and no repository's.
    with suppress(OSError, ValueError):
        index: Any = named / INDEX
        if not named.is_dir():
            index = try_to_load_from_cache(model, INDEX)
            fetched = f"hf download {model}, or "
        if isinstance(index, str | Path) and Path(index).is_file():
            return Path(index).parent
    raise EngineMissing(
        f"The weights of {model!r} are not on this machine: {fetched}"
        f"name a folder that has a {INDEX} as the model."
    )


def unload() -> None:
    """Let the loaded model go."""
    with _drawing:
        _loaded.clear()


def _chip(device: str) -> str:
    import torch  # noqa: PLC0415

    if device != "auto":
        return device
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _drawn(
    pipeline: Any,
    picture: Picture,
    progress: Callable[[float], None],
    checkpoint: Callable[[], None],
) -> Any:
    import torch  # noqa: PLC0415

    def on_step(_: Any, step: int, __: Any, values: dict[str, Any]) -> dict[str, Any]:
        checkpoint()
        # Some take more steps than they were told.
        progress(min(1.0, (step + 1) / picture.steps))
        return values

    generator = None
    if picture.seed is not None:
        # On the CPU the same seed is the same picture, whatever draws.
        generator = torch.Generator("cpu").manual_seed(picture.seed)
    answer = pipeline(
        prompt=picture.described,
        negative_prompt=picture.negative_prompt,
        width=_whole(picture.width),
        height=_whole(picture.height),
        num_inference_steps=picture.steps,
        generator=generator,
        callback_on_step_end=on_step,
    )
    return answer.images[0]


def _whole(side: int) -> int:
    return -(-side // _GRAIN) * _GRAIN
