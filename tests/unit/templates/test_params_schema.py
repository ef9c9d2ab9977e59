"""A template's params schema: its short form, its errors, and malicious schemas."""

from __future__ import annotations

from typing import Any

import pytest

from gala.errors import InvalidRequest
from gala.templates.params_schema import MAX_PARAMS_BYTES, ParamsSchema, expand
from gala.templates.params_schema_limits import MAX_SUBSCHEMAS

EXAMPLE = {
    "text": {"type": "string", "max": 80},
    "bg_asset_id": {"type": "string", "nullable": True},
}


def full(text: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a full JSON Schema with one param, ``text``."""
    return {"type": "object", "properties": {"text": text}, **more}


def refused(schema: dict[str, Any]) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        ParamsSchema(schema)
    assert caught.value.details["field"].startswith("params_schema")
    return caught.value


def broken(schema: dict[str, Any], params: dict[str, Any], **how: Any) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        ParamsSchema(schema).check(params, **how)
    return caught.value


def test_the_short_form_of_the_contract_means_what_it_says() -> None:
    assert expand(EXAMPLE) == {
        "type": "object",
        "properties": {
            "text": {"type": "string", "maxLength": 80},
            "bg_asset_id": {"type": ["string", "null"]},
        },
        "required": ["text"],
    }


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ({"type": "string", "min": 1, "max": 2}, {"minLength": 1, "maxLength": 2}),
        ({"type": "integer", "min": 1, "max": 2}, {"minimum": 1, "maximum": 2}),
        ({"type": "number", "min": 0.5}, {"minimum": 0.5}),
        ({"type": "array", "max": 3}, {"maxItems": 3}),
        ({"enum": ["a", "b"]}, {"enum": ["a", "b"]}),
    ],
)
def test_bounds_of_the_short_form_fit_the_type(short: dict[str, Any], long: dict[str, Any]) -> None:
    kind = {"type": short["type"]} if "type" in short else {}
    assert expand({"size": short})["properties"]["size"] == kind | long


def test_a_schema_in_full_stays_as_it_is() -> None:
    schema = full({"type": "string"})
    assert expand(schema) == schema
    assert expand({}) == {}


def test_a_param_called_type_does_not_make_a_short_form_long() -> None:
    assert expand({"type": {"type": "string"}})["required"] == ["type"]
    assert expand({"properties": {"type": "string"}})["required"] == ["properties"]


def test_a_default_makes_a_param_optional() -> None:
    schema = ParamsSchema({"text": {"type": "string", "default": "hi"}})
    assert schema.defaults == {"text": "hi"}
    schema.check({})


def test_what_follows_the_schema_passes() -> None:
    ParamsSchema(EXAMPLE).check({"text": "x" * 80, "bg_asset_id": None})
    ParamsSchema({}).check({"anything": [1, {"a": None}]})


@pytest.mark.parametrize(
    ("params", "field", "rule", "says"),
    [
        ({}, "params.text", "missing", "required"),
        ({"text": 5}, "params.text", "type", 'This is not of type "string".'),
        ({"text": "x" * 81}, "params.text", "maxLength", "This is longer than 80 characters."),
    ],
)
def test_a_broken_rule_is_told_with_its_field(
    params: dict[str, Any], field: str, rule: str, says: str
) -> None:
    error = broken(EXAMPLE, params)
    assert error.details == {"field": field, "rule": rule}
    assert says in error.message


def test_a_param_deep_inside_is_named_by_its_path() -> None:
    schema = {"type": "object", "properties": {"lines": {"items": full({"maxLength": 1})}}}
    error = broken(schema, {"lines": [{"text": "a"}, {"text": "ab"}]})
    assert error.details["field"] == "params.lines.1.text"


def test_a_mistyped_param_is_told_the_right_name() -> None:
    error = broken(full({"type": "string"}, additionalProperties=False), {"txt": "x"})
    assert error.details == {
        "field": "params.txt",
        "rule": "extra_forbidden",
        "did_you_mean": "params.text",
    }


def test_defaults_need_not_be_whole_but_have_to_be_right() -> None:
    ParamsSchema(EXAMPLE).check({}, prefix="defaults", complete=False)
    error = broken(EXAMPLE, {"text": 5}, prefix="defaults", complete=False)
    assert error.details["field"] == "defaults.text"


def test_params_have_a_size() -> None:
    error = broken({}, {"text": "x" * MAX_PARAMS_BYTES})
    assert error.details == {"field": "params", "rule": "too_large"}


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ({"text": "string"}, '{"type": "string", "max": 80}'),
        ({"text": {"type": "strin"}}, "params_schema.text.type: There is no type 'strin'. Did you"),
        ({"text": {"type": "file"}}, "There is no type 'file'. There are: string, number"),
        ({"text": {"type": "string", "max": "many"}}, "at properties.text.maxLength"),
        ({"text": {"type": "string", "max": -1}}, "at properties.text.maxLength"),
        ({"text": {"type": {"a": 1}}}, "at properties.text.type"),
        (full({"type": "string"}, required="text"), "at required"),
        (full({"pattern": "(("}), "at properties.text.pattern"),
        (full({"pattern": "(?=a)b"}), "at properties.text.pattern"),
        (full({"pattern": r"(a)\1"}), "at properties.text.pattern"),
        (full({"pattern": "(a{1000}){1000}"}), "at properties.text.pattern"),
        ({"type": "object", "properties": [1]}, "at properties"),
        ({"type": "array"}, "Params are an object"),
        ({"type": ["string", "null"]}, "Params are an object"),
        (full({"enum": ["x" * 70_000]}), "At most 65536 bytes"),
    ],
)
def test_what_is_no_schema_is_refused_in_one_line(schema: dict[str, Any], says: str) -> None:
    error = refused(schema)
    assert says in error.message
    assert "\n" not in error.message
    assert len(error.message) < 500


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ({"$ref": "http://169.254.169.254/latest"}, "reference"),
        ({"$ref": "file:///etc/passwd"}, "reference"),
        ({"$ref": "other.json"}, "reference"),
        ({"$ref": "#anchor"}, "reference"),
        ({"$ref": "#/$defs/nothing"}, "reference"),
        ({"$dynamicRef": "#x"}, "reference"),
        ({"$ref": "#"}, "recursive"),
        ({"$ref": "#/properties/text"}, "recursive"),
    ],
)
def test_references_stay_inside_and_lead_forward(text: dict[str, Any], rule: str) -> None:
    assert refused(full(text)).details["rule"] == rule


def test_references_in_a_circle_are_refused() -> None:
    circle = {"a": {"$ref": "#/$defs/b"}, "b": {"items": {"$ref": "#/$defs/a"}}}
    assert refused(full({"$ref": "#/$defs/a"}, **{"$defs": circle})).details["rule"] == "recursive"


def test_references_to_definitions_work() -> None:
    schema = full({"$ref": "#/$defs/a~1b"}, **{"$defs": {"a/b": {"maxLength": 1}}})
    assert broken(schema, {"text": "ab"}).details["field"] == "params.text"


@pytest.mark.timeout(20)
def test_references_that_fan_out_are_refused_at_once() -> None:
    # Two kilobytes that expand to 2^40 subschemas.
    bomb = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)}
    error = refused({"type": "object", "$ref": "#/$defs/d0", "$defs": bomb | {"d40": {}}})
    assert error.details["rule"] == "too_large"


def test_a_long_chain_of_references_is_refused() -> None:
    chain = {f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(900)}
    schema = {"type": "object", "$ref": "#/$defs/d0", "$defs": chain | {"d900": {}}}
    assert refused(schema).details["rule"] == "too_large"


def test_many_subschemas_or_patterns_are_refused() -> None:
    properties = {f"p{n}": {} for n in range(MAX_SUBSCHEMAS)}
    assert refused({"type": "object", "properties": properties}).details["rule"] == "too_large"
    patterns = {f"p{n}": {"pattern": r"\p{L}{1,40}"} for n in range(100)}
    assert refused({"type": "object", "properties": patterns}).details["rule"] == "too_large"
    by_name = {f"^{n}": True for n in range(100)}
    assert refused({"type": "object", "patternProperties": by_name}).details["rule"] == "too_large"


@pytest.mark.timeout(20)
def test_a_pattern_that_backtracks_elsewhere_answers_at_once() -> None:
    error = broken(full({"pattern": "^(a+)+$"}), {"text": "a" * 100_000 + "b"})
    assert error.details["rule"] == "pattern"
