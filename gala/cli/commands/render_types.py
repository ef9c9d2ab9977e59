"""``gala types``: what every render type takes and makes, as a page for people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

import typer

from gala.cli import generated_docs
from gala.render_types import RenderType, all_types

Schema = Mapping[str, Any]

_INTRODUCTION: Final = """\
# Render types

Made from the types by `gala types --write`; a check fails when it is out of date, and a test runs
every example. Send one with `POST /jobs`, as `{"type": …, "params": …, "inputs": …}`; the outputs
of the finished job are named as below. Inputs are ids of assets.
"""


def types(
    write: Annotated[bool, typer.Option("--write", help="Refresh docs/render-types.md.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Fail if it is out of date.")] = False,
) -> None:
    """Print what every render type takes and makes (Markdown)."""
    found = [all_types()[name] for name in sorted(all_types())]
    text = page([render_type for render_type in found if _is_own(render_type)])
    generated_docs.offer(
        "render-types.md", text, write=write, check=check, refresh="gala types --write"
    )


def _is_own(render_type: RenderType) -> bool:
    return render_type.params.__module__.startswith("gala.render_types.")


def page(found: list[RenderType]) -> str:
    """The whole page."""
    contents = [f"- [`{one.name}`](#{one.name}): {one.summary}" for one in found]
    chapters = ["\n".join(_chapter(one)) for one in found]
    return "\n".join([_INTRODUCTION, *contents, "", *chapters]).rstrip() + "\n"


def _chapter(one: RenderType) -> Iterator[str]:
    yield from (f"## {one.name}", "", one.summary, "", *_looks(one), "")
    yield from _inputs(one)
    yield from _params(one.params.model_json_schema())
    yield from ("| output | MIME type | |", "|---|---|---|")
    for spec in one.outputs:
        mimes = "any" if spec.any_mime else " or ".join(map(_code, (spec.mime, *spec.also)))
        always = "always" if spec.required else "if there is one"
        yield f"| `{spec.role}_asset_id` | {mimes} | {always} |"
    yield from ("", "```json", json.dumps(_example(one), ensure_ascii=False, indent=2), "```", "")


def _looks(one: RenderType) -> Iterator[str]:
    if one.format:
        form = one.format
        size = f"{form.width} x {form.height}, {form.fps} fps"
        yield f"Size and rate: {size}, unless `output` says else."
    elif one.takes_format:
        yield "Size and rate: those of the source, unless `output` says else."
    else:
        yield "No size or rate to choose."


def _inputs(one: RenderType) -> Iterator[str]:
    if not one.inputs:
        return
    yield from ("| input | takes | |", "|---|---|---|")
    for name, spec in one.inputs.items():
        media = ", ".join(sorted(spec.media))
        needed = "Required. " if spec.required else ""
        yield f"| `{one.input_field(name)}` | {media} | {needed}{_cell(spec.summary)} |"
    yield ""


def _params(schema: Schema) -> Iterator[str]:
    shared = schema.get("$defs", {})
    properties: Schema = schema.get("properties", {})
    if not properties:
        return
    yield from ("| param | type | default | |", "|---|---|---|---|")
    needed = schema.get("required", ())
    for name, field in properties.items():
        default = "required" if name in needed else f"`{json.dumps(field.get('default'))}`"
        told = _cell(field.get("description", ""))
        yield f"| `{name}` | {_cell(_type(field, shared))} | {default} | {told} |"
    yield ""
    for name, field in properties.items():
        for inner in _objects(field, shared):
            yield from (f"Each of `{name}`:" if _is_list(field) else f"`{name}`:", "")
            yield from _params({**inner, "$defs": shared})


def _type(field: Schema, shared: Schema) -> str:
    """Its type and bounds, in few words."""
    if "$ref" in field:
        return _type(shared[field["$ref"].rpartition("/")[2]], shared)
    if choices := field.get("anyOf") or field.get("oneOf"):
        return " or ".join(dict.fromkeys(_type(choice, shared) for choice in choices))
    if "enum" in field:
        return ", ".join(f"`{word}`" for word in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    kind = str(field.get("type", "any"))
    if kind == "array":
        return f"list of {_type(field.get('items', {}), shared)}{_bounds(field)}"
    return f"{kind}{_bounds(field)}"


_LOWEST: Final = ("minimum", "exclusiveMinimum", "minItems")
_HIGHEST: Final = ("maximum", "exclusiveMaximum", "maxItems")


def _bounds(field: Schema) -> str:
    low = next((field[key] for key in _LOWEST if key in field), None)
    high = next((field[key] for key in _HIGHEST if key in field), None)
    if low is None and high is None:
        longest = field.get("maxLength")
        return f", at most {longest} characters" if longest else ""
    if high is None:
        return f", at least {_number(low)}"
    return (
        f", {_number(low)} to {_number(high)}" if low is not None else f", at most {_number(high)}"
    )


def _number(value: Any) -> str:
    # Whole ones with all their digits.
    return str(int(value)) if value == int(value) else f"{value:g}"


def _objects(field: Schema, shared: Schema) -> Iterator[Schema]:
    """The objects that a field holds, to be told one by one."""
    if "$ref" in field:
        yield from _objects(shared[field["$ref"].rpartition("/")[2]], shared)
    for choice in (*field.get("anyOf", ()), *field.get("oneOf", ())):
        yield from _objects(choice, shared)
    if "items" in field:
        yield from _objects(field["items"], shared)
    if "properties" in field:
        yield field


def _is_list(field: Schema) -> bool:
    kinds = [field, *field.get("anyOf", ())]
    return any(kind.get("type") == "array" for kind in kinds)


def _example(one: RenderType) -> dict[str, Any]:
    inputs = {
        one.input_field(name): (
            [_asset(sample) for sample in samples] if one.inputs[name].many else _asset(samples[0])
        )
        for name, samples in one.example_inputs.items()
    }
    return {"type": one.name, "params": dict(one.example), **({"inputs": inputs} if inputs else {})}


def _code(word: str) -> str:
    return f"`{word}`"


def _asset(sample: str) -> str:
    return f"ast_…{sample}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
