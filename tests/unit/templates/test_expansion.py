"""Expanding compositions: variables, lists, conditions, and what they may not do."""

from __future__ import annotations

from typing import Any

import pytest

from gala.templates.expansion import MAX_CHARACTERS, MAX_VALUES, Expanded, expand, variables_of
from gala.templates.expression_functions import ExpressionError
from gala.templates.expressions import Bound, parse

PRODUCTS = [{"name": "Tea", "price": 3.5}, {"name": "Cake", "price": 4}]
VALUES: dict[str, Any] = {"title": "Hello", "size": 8, "logo": None, "products": PRODUCTS}


def expanded(composition: dict[str, Any], **values: Any) -> Expanded:
    scope = {name: Bound(value, (name,)) for name, value in {**VALUES, **values}.items()}
    return expand(composition, scope)


def value(expression: str, **values: Any) -> Any:
    scope = {name: Bound(one, (name,)) for name, one in {**VALUES, **values}.items()}
    return parse(expression).evaluate(scope)


def test_a_text_that_is_one_variable_takes_its_type() -> None:
    found = expanded({"a": "{{size}}", "b": "{{ title }}", "c": "{{products}}", "d": 1})
    assert found.document == {"a": 8, "b": "Hello", "c": PRODUCTS, "d": 1}


def test_variables_within_a_text_become_part_of_it() -> None:
    found = expanded({"a": "{{title}}, {{size}} %", "b": "{{size / 3}}", "c": "[{{logo}}]"})
    assert found.document == {"a": "Hello, 8 %", "b": 8 / 3, "c": "[]"}
    assert expanded({"a": "{{size / 4}}%", "b": "\n{{size}}"}).document == {"a": "2%", "b": "\n8"}


def test_texts_begin_at_the_side_of_their_script() -> None:
    assert value("start(title)") == "left"
    assert value("start('1. مرحبا')") == "right"
    assert value("start(logo)") == "left"


def test_a_value_that_is_null_is_left_out_with_its_key() -> None:
    found = expanded({"font": "{{logo}}", "list": ["{{logo}}", "{{title}}"]})
    assert found.document == {"list": ["Hello"]}


def test_a_param_is_not_expanded_again() -> None:
    assert expanded({"a": "{{title}}"}, title="{{size}}").document == {"a": "{{size}}"}


def test_an_object_is_repeated_for_every_item_of_a_list() -> None:
    scene = {"iterate": "products", "text": "{{number}}/{{count}} {{item.name}}", "end": "{{last}}"}
    found = expanded({"scenes": [{"first": 1}, scene]})
    assert found.document["scenes"] == [
        {"first": 1},
        {"text": "1/2 Tea", "end": False},
        {"text": "2/2 Cake", "end": True},
    ]


def test_loops_are_nested_under_names_of_their_own() -> None:
    inner = {"iterate": "range(2)", "as": "column", "at": "{{product.name}} {{column}}"}
    outer = {"iterate": "{{products}}", "as": "product", "cells": [inner]}
    cells = [row["cells"] for row in expanded({"rows": [outer]}).document["rows"]]
    assert cells == [[{"at": "Tea 0"}, {"at": "Tea 1"}], [{"at": "Cake 0"}, {"at": "Cake 1"}]]


@pytest.mark.parametrize(
    ("condition", "is_kept"),
    [("logo", False), ("{{not logo}}", True), ("size > 5 and title == 'Hello'", True)],
)
def test_a_condition_keeps_an_object_or_leaves_it_out(condition: str, *, is_kept: bool) -> None:
    one = {"condition": condition, "x": 1}
    found = expanded({"list": [one], "member": one}).document
    assert found == ({"list": [{"x": 1}], "member": {"x": 1}} if is_kept else {"list": []})


def test_conditions_see_the_item_of_their_own_loop() -> None:
    found = expanded({"a": [{"iterate": "products", "condition": "item.price < 4", "b": 1}]})
    assert found.document == {"a": [{"b": 1}]}


def test_every_value_knows_the_params_that_it_was_made_of() -> None:
    found = expanded({"a": [{"iterate": "products", "b": "{{item.name}} {{title}}", "c": 1}]})
    assert found.origin(("a", 1, "b")).params == (("products", 1, "name"), ("title",))
    assert found.origin(("a", 1, "b")).written == ("a", 0, "b")
    assert found.origin(("a", 1, "c", "d")).written == ("a", 0, "c", "d")


@pytest.mark.parametrize(
    ("written", "rule", "remedy"),
    [
        ("{{tilte}}", "There is no variable 'tilte'.", "Did you mean 'title'?"),
        ("{{products[0].prize}}", "products[0].prize does not exist.", "Did you mean 'price'?"),
        ("{{title", '"{{" has no end.', 'Close it: "{{title}}".'),
        ("{{title * 2}}", "title is not a number.", "Calculate with numbers only."),
        ("a{{products}}", "{{products}} is a list, which has no form as text.", "Name one"),
        ("{{1 / (size - 8)}}", "size - 8 is zero, and something is divided by it.", "Give"),
        ("{{title < 3}}", "title and 3 cannot be compared.", "Compare numbers"),
        ("{{eval(1)}}", "There is no function 'eval'.", "There are: len,"),
    ],
)
def test_what_cannot_be_expanded_is_a_problem_at_its_place(
    written: str, rule: str, remedy: str
) -> None:
    (problem,) = expanded({"a": {"b": [written]}}).problems
    assert (problem.pointer, problem.rule) == ("/a/b/0", rule)
    assert problem.remedy.startswith(remedy)


@pytest.mark.parametrize(
    "source",
    [
        "title.__class__",
        "(lambda: 1)()",
        "[x for x in products]",
        "__import__('os')",
        "title.upper()",
        "f'{title}'",
        "10 ** 10",
        "1 if title else",
        "b'x'",
        "a" * 501,
        "+".join("1" * 60),
        "products[0][products]",
        "products[0][products[0]]",
    ],
)
def test_expressions_reach_nothing_but_the_values(source: str) -> None:
    with pytest.raises(ExpressionError):
        value(source)


@pytest.mark.parametrize(
    "source",
    [
        "range(1001)",
        "999999999 * 999999999",
        "1e999",
        "large * 1.5",
        "large / 2",
        "range(large * 1.0)",
        "round(1, -9999999999)",
        "round(1.5, large)",
    ],
)
def test_numbers_and_ranges_are_bounded(source: str) -> None:
    with pytest.raises(ExpressionError):
        value(source, large=10**400)


def test_lists_and_objects_are_not_compared_with_each_other() -> None:
    with pytest.raises(ExpressionError, match="cannot be compared"):
        value("products == others", others=PRODUCTS)
    assert value("products == title") is False
    assert value("products != null") is True


def test_a_text_of_many_open_braces_takes_no_longer_than_another() -> None:
    # Both searched to the end from each brace before: hours for a text of a megabyte.
    (problem,) = expanded({"a": "}}" + "{{" * 500_000}).problems
    assert problem.rule == '"{{" has no end.'
    assert variables_of({"a": "{{size}}" + "{{" * 500_000}) == {"size"}


def test_what_conditions_leave_out_counts_as_well() -> None:
    inner = {"iterate": "range(900)", "condition": "false", "x": 1}
    found = expanded({"list": [{"iterate": "range(900)", "in": [inner] * 9}]})
    assert found.problems[-1].rule.startswith(f"The composition has more than {MAX_VALUES} values")


@pytest.mark.parametrize(
    "source", ["max(many)", "upper(long)", "long + long", "long == long + 'x'"]
)
def test_long_lists_and_texts_are_not_gone_through_without_end(source: str) -> None:
    one = {"iterate": "range(900)", "condition": f"not ({source})", "x": 1}
    found = expanded({"list": [one]}, many=[0] * 120_000, long="x" * 120_000)
    assert found.problems[0].rule == "The expressions go through too many values."


def test_lists_within_lists_cannot_grow_without_end() -> None:
    inner: dict[str, Any] = {"x": 1}
    for name in "abc":
        inner = {"iterate": "range(900)", "as": name, "in": [inner]}
    found = expanded({"list": [inner]})
    assert found.problems[-1].rule.startswith(f"The composition has more than {MAX_VALUES} values")


@pytest.mark.parametrize("written", ["{{title}}", "{{title}}!", "{{title}}" * 9])
def test_a_long_param_cannot_be_used_without_end(written: str) -> None:
    found = expanded({"list": [{"iterate": "range(99)", "x": [written] * 99}]}, title="x" * 99_999)
    assert found.problems
    assert sum(map(len, (text for one in found.document.get("list", ()) for text in one["x"]))) < (
        2 * MAX_CHARACTERS
    )
