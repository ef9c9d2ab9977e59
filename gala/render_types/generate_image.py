"""``generate_image``: a picture from a prompt, by the operator's image service or model."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from gala.media import AssetKind
from gala.render_types.base import OutputSpec, RenderType, TypeParams
from gala.render_types.frames import PictureFormat
from gala.visible_text import VISIBLE_TEXT

USUAL_STEPS: Final = 25
MAX_PROMPT_CHARACTERS: Final = 10_000
MAX_STYLE_CHARACTERS: Final = 200

Prompt = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_PROMPT_CHARACTERS, pattern=VISIBLE_TEXT),
]
Style = Annotated[str, StringConstraints(max_length=MAX_STYLE_CHARACTERS, pattern=VISIBLE_TEXT)]
Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]
Steps = Annotated[int, Field(ge=1, le=200)]
_PART: Final = r"[A-Za-z0-9(\[][A-Za-z0-9 ._:@()\[\]+-]*"
# Neither a URL nor a path with `..`: it can only select a model of the operator's service.
ModelName = Annotated[str, StringConstraints(max_length=200, pattern=rf"^{_PART}(/{_PART})*$")]


class GenerateImageParams(TypeParams):
    """Params of a generated picture."""

    prompt: Prompt = Field(
        description="Description of the picture, 1 to 10,000 characters.",
        examples=["A lighthouse at dawn"],
    )
    negative_prompt: Prompt | None = Field(
        default=None, description="What the picture must not show.", examples=["people, text"]
    )
    style: Style | None = Field(
        default=None,
        description="Style in a few words, appended to the prompt.",
        examples=["watercolour"],
    )
    width: int = Field(
        default=1024, ge=64, le=2048, multiple_of=2, description="Width in pixels, even."
    )
    height: int = Field(
        default=1024, ge=64, le=2048, multiple_of=2, description="Height in pixels, even."
    )
    hdr: bool = Field(default=False, description="Whether to request a high dynamic range look.")
    model: ModelName | None = Field(
        default=None,
        description="Name of a model of the image service; by default the operator's choice.",
    )
    seed: Seed | None = Field(
        default=None,
        description="The same seed and params give the same picture, if the service supports it.",
        examples=[7],
    )
    steps: Steps = Field(default=USUAL_STEPS, description="Number of refinement steps, 1 to 200.")
    picture_format: Annotated[PictureFormat, Field(strict=False)] = Field(
        default=PictureFormat.JPEG, description="`jpeg`, or `png` (lossless)."
    )


TYPE = RenderType(
    name="generate_image",
    summary=(
        "A picture from a prompt, by the operator's image service or diffusion model."
        ' Needs `IMAGE_SERVICE_URL`, or `pip install "gala-platform[images]"` and `IMAGE_WEIGHTS`.'
    ),
    params=GenerateImageParams,
    outputs=(OutputSpec("image", AssetKind.RENDER_OUTPUT, "image/jpeg", also=("image/png",)),),
    takes_format=False,
    example={
        "prompt": "A lighthouse at dawn",
        "style": "watercolour",
        "width": 512,
        "height": 768,
        "seed": 7,
    },
)
