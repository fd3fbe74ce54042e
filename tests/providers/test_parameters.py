"""The advanced parameters as people type them."""

from __future__ import annotations

import pytest

from lib.domain import ModelSpec
from lib.errors import InvalidParameters
from lib.providers.parameters import describe, parse_parameters, with_defaults
from lib.providers.registry import find_model


@pytest.fixture
def nim() -> ModelSpec:
    return find_model("llama-3-2-90b-vision")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("  \n ", {}),
        (" , ", {}),
        ("max_tokens=512, temperature=0.30", {"max_tokens": 512, "temperature": 0.3}),
        ("max_token = 512", {"max_tokens": 512}),
        ("max_completion_tokens=500", {"max_tokens": 500}),
        ("MAX_TOKENS=1", {"max_tokens": 1}),
        ("top_p=1", {"top_p": 1.0}),
        ("temperature=.5,", {"temperature": 0.5}),
        ("temperature=1e-1", {"temperature": 0.1}),
        ("max_tokens=512\ntemperature=0", {"max_tokens": 512, "temperature": 0.0}),
        ("seed=42; top_p=0.9", {"seed": 42, "top_p": 0.9}),
    ],
)
def test_read(nim, text, values):
    found = parse_parameters(text, nim)
    assert found == values
    assert [type(value) for value in found.values()] == [type(value) for value in values.values()]


@pytest.mark.parametrize(
    ("text", "says", "advises"),
    [
        ("max_tokens", "no “=”", "max_tokens=512"),
        ("max_tokens=", "no value", "max_tokens=512"),
        ("=5", "no parameter “”", "max_tokens"),
        ("tokens=5", "no parameter “tokens”", "max_tokens, temperature, top_p, seed"),
        ("max_tokens=5.5", "whole number", "1 to 4096"),
        ("max_tokens=many", "whole number", "1 to 4096"),
        ("max_tokens=٣", "whole number", "1 to 4096"),
        ("max_tokens=1_000", "whole number", "1 to 4096"),
        ("max_tokens=" + "9" * 5000, "whole number", "1 to 4096"),
        ("temperature=warm", "must be a number", "0 to 1"),
        ("temperature=nan", "must be a number", "0 to 1"),
        ("temperature=inf", "must be a number", "0 to 1"),
        ("temperature=1e999", "must be a number", "0 to 1"),
        ("temperature=0.1=2", "must be a number", "0 to 1"),
        ("temperature=1_0", "must be a number", "0 to 1"),
        ("max_tokens=0", "out of range", "1 to 4096"),
        ("max_tokens=99999", "out of range", "1 to 4096"),
        ("temperature=1.01", "out of range", "0 to 1"),
        ("temperature=-1", "out of range", "0 to 1"),
        ("max_tokens=5, max_token=6", "twice", "one of the two"),
    ],
)
def test_refused(nim, text, says, advises):
    with pytest.raises(InvalidParameters) as caught:
        parse_parameters(text, nim)
    assert says in caught.value.message
    assert advises in caught.value.hint


def test_a_model_without_parameters_takes_only_empty_text():
    blip = find_model("blip-base")
    assert parse_parameters("", blip) == {}
    with pytest.raises(InvalidParameters, match="takes no parameters"):
        parse_parameters("max_tokens=5", blip)
    assert describe(blip) == "This model takes no parameters."


def test_defaults_are_those_that_nvidia_gives(nim):
    assert with_defaults({}, nim) == {"max_tokens": 1024, "temperature": 0.2, "top_p": 0.2}
    assert with_defaults({"temperature": 0.7, "seed": 1}, nim)["temperature"] == 0.7


def test_the_help_text_names_default_and_range(nim):
    assert describe(nim).splitlines() == [
        "max_tokens: 1024, 1 to 4096",
        "temperature: 0.20, 0 to 1",
        "top_p: 0.20, 0.01 to 1",
        "seed: not set, 0 to 2147483647",
    ]
