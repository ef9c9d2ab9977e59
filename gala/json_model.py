"""The base class of models that are read from JSON, where null is as good as an absent field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast, get_args

from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import CoreSchema, PydanticUseDefault, core_schema

_ABSENT: Final = object()
"""Stands for a null, from the validation of its field to the end of its model's."""


def _accept_nulls(schema: dict[str, Any], fields: Mapping[str, FieldInfo]) -> None:
    # A `before` validator of the model would be shorter, but it turns JSON into Python objects,
    # for which strict mode has other rules: a list is no tuple.
    parent, inner = schema, schema.get("schema")
    while inner is not None and inner["type"] != "model-fields":
        parent, inner = inner, inner.get("schema")
    if inner is None or isinstance(parent.get("function", {}).get("function"), _Completion):
        return  # a reference to another schema, or pydantic's copy of a schema changed before
    taking = {name: info for name, info in fields.items() if _takes_null_as_absent(info)}
    for name, info in taking.items():
        _accept_null(inner["fields"][name]["schema"], info)
    if taking:
        parent["schema"] = core_schema.no_info_after_validator_function(
            _Completion(taking), cast(CoreSchema, inner)
        )


def _takes_null_as_absent(info: FieldInfo) -> bool:
    return not info.is_required() and not _has_null(info)


def _has_null(info: FieldInfo) -> bool:
    return info.annotation is Any or type(None) in get_args(info.annotation)


def _accept_null(schema: dict[str, Any], info: FieldInfo) -> None:
    schema["schema"] = core_schema.no_info_after_validator_function(
        _use_default if info.validate_default else _mark,
        core_schema.nullable_schema(schema["schema"]),
    )


def _use_default(value: Any) -> Any:
    if value is None:
        raise PydanticUseDefault
    return value


def _mark(value: Any) -> Any:
    return _ABSENT if value is None else value


Validated = tuple[dict[str, Any], dict[str, Any] | None, set[str]]
"""What pydantic makes a model of: its fields, other members, and the names of the fields given."""


@dataclass(frozen=True)
class _Completion:
    """Replaces the marks of a model by defaults, and takes their fields as not given."""

    fields: Mapping[str, FieldInfo]

    def __call__(self, validated: Validated) -> Validated:
        values, _, given = validated
        for name, info in self.fields.items():
            if values[name] is _ABSENT:
                values[name] = info.get_default(call_default_factory=True)
                given.discard(name)
        return validated


class _DeclaredTypes(GenerateJsonSchema):
    """Describes a field that takes null as absent by its own type."""

    def function_after_schema(
        self, schema: core_schema.AfterValidatorFunctionSchema
    ) -> JsonSchemaValue:
        if schema["function"]["function"] in (_mark, _use_default):
            nullable = cast(core_schema.NullableSchema, schema["schema"])
            return self.generate_inner(nullable["schema"])
        return super().function_after_schema(schema)


class JsonModel(BaseModel):
    """A model that takes null as absent for every field that has a default and a type without None.

    Generated clients send each field that was not set as null. A field whose type includes None
    keeps its null, and a required field still has to be sent.
    """

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler, /
    ) -> CoreSchema:
        """Return pydantic's schema, changed in the fields that take null as absent."""
        schema = handler(source)
        _accept_nulls(cast(dict[str, Any], schema), cls.model_fields)
        return schema

    @classmethod
    def has_null(cls, name: str) -> bool:
        """Return True if null is a value of that field, and not only as good as leaving it out."""
        return name not in cls.model_fields or _has_null(cls.model_fields[name])

    @classmethod
    def declared_schema(cls) -> dict[str, Any]:
        """Return the JSON Schema without the nulls that stand for absent fields.

        It is shown to people and read by forms, to which they would be noise.
        """
        return cls.model_json_schema(schema_generator=_DeclaredTypes)
