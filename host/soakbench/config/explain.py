"""Pydantic's errors in the words of somebody who edits a bench or plan file."""

import difflib
from collections.abc import Iterable
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from soakbench.config.source import Loc, Problem

_TAGS = ("phase", "fault")  # the keys that tell the tables of a union apart
_NAME_RULES = {
    "^[A-Za-z]": "a letter, then letters, digits, _ or -, at most 32 in all",
    "^[a-z0-9-]": "lower-case letters, digits and -, at most 32 in all",
}
_EXPECTED_TYPES = {
    "model_type": "a table",
    "model_attributes_type": "a table",
    "dict_type": "a table",
    "list_type": "a list",
    "string_type": "a text in quotes",
    "int_type": "a whole number",
    "float_type": "a number",
}


def problems_of(error: ValidationError, model: type[BaseModel]) -> list[Problem]:
    """The problems in `error`, which came from validating a file as `model`."""
    return [_problem(details, model) for details in error.errors(include_url=False)]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`. Did you mean "until"?`, or nothing if no known word is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f'. Did you mean "{near[0]}"?' if near else ""


def quoted(words: Iterable[str]) -> str:
    """`"OC", "SC"`, for messages that say what is allowed."""
    return ", ".join(f'"{word}"' for word in words)


def _problem(details: ErrorDetails, model: type[BaseModel]) -> Problem:
    loc, holder, annotation = _resolve(details["loc"], model)
    kind = details["type"]
    if kind == "extra_forbidden":
        keys = _fields(holder)
        guess = did_you_mean(str(loc[-1]), keys)
        return Problem(loc, f"unknown key; allowed here: {', '.join(keys)}{guess}")
    if kind == "missing":
        return Problem(loc, "is missing" + _example(_fields(holder)[str(loc[-1])]))
    if kind == "union_tag_not_found":
        tags = quoted(_tagged(annotation))
        return Problem(loc, f"the key `{_tag(annotation)}` is missing; allowed: {tags}")
    if kind == "union_tag_invalid":
        tags = quoted(_tagged(annotation))
        tag = details["ctx"]["tag"]
        guess = did_you_mean(tag, _tagged(annotation))
        return Problem((*loc, _tag(annotation)), f'"{tag}" is not allowed; allowed: {tags}{guess}')
    return Problem(loc, _text(details))


def _text(details: ErrorDetails) -> str:
    """The message for a value that is of the wrong type, out of range or not in the list."""
    kind, message = details["type"], details["msg"]
    context = details.get("ctx", {})
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    shown = _shown(details["input"])
    if kind in _EXPECTED_TYPES:
        return f"{shown} is not {_EXPECTED_TYPES[kind]}"
    if kind == "literal_error":
        allowed = context["expected"].replace("'", '"').replace(" or ", ", ")
        return f"{shown} is not allowed; allowed: {allowed}"
    if kind == "too_short":
        return f"has {context['actual_length']}; at least {context['min_length']} is needed"
    if kind == "too_long":
        return f"has {context['actual_length']}; at most {context['max_length']} are possible"
    if kind == "string_pattern_mismatch":
        rules = [r for start, r in _NAME_RULES.items() if context["pattern"].startswith(start)]
        return f"{shown} is not a name; allowed: {rules[0]}"
    message = message.removeprefix("Input ")
    return f"{shown} is not allowed; {message[0].lower()}{message[1:]}"


def _resolve(raw: Loc, model: type[BaseModel]) -> tuple[Loc, type[BaseModel], Any]:
    """Where an error is in the file: its keys, the innermost table's model, its annotation.

    Pydantic puts a union's tag into the location; the file has no such level.
    """
    loc: Loc = ()
    holder = model
    here: Any = model
    for part in raw:
        if part == "[key]":  # the error is about the name before it
            break
        if get_origin(here) in (Union, UnionType):
            holder = here = _tagged(here)[str(part)]
            continue
        loc = (*loc, part)
        if isinstance(here, type) and issubclass(here, BaseModel):
            holder = here
            field = _fields(here).get(str(part))
            here = None if field is None else _plain(field.annotation)
        else:
            here = _plain(get_args(here)[-1]) if get_args(here) else None  # list or dict
    return loc, holder, here


def _plain(annotation: Any) -> Any:
    """The annotation without `Annotated` and without `| None`."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        members = [member for member in get_args(annotation) if member is not NoneType]
        if len(members) == 1:
            return _plain(members[0])
    return annotation


def _tagged(union: Any) -> dict[str, type[BaseModel]]:
    """The tables of a tagged union by their tag."""
    tag = _tag(union)
    return {get_args(table.model_fields[tag].annotation)[0]: table for table in get_args(union)}


def _tag(union: Any) -> str:
    """The key that tells the tables of a union apart."""
    fields = get_args(union)[0].model_fields
    return next(tag for tag in _TAGS if tag in fields)


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields by their key in the file."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _example(field: FieldInfo) -> str:
    annotation = _plain(field.annotation)
    if get_origin(annotation) is Literal:
        return f"; allowed: {quoted(get_args(annotation))}"
    if field.examples:
        return f"; write for example {' or '.join(_shown(example) for example in field.examples)}"
    return ""


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    return f'"{value}"' if isinstance(value, str) else str(value)


def unknown(what: str, name: str, known: list[str]) -> str:
    """The sentence for a name that nothing has."""
    there = quoted(known) if known else "none is defined"
    return f'there is no {what} "{name}"; allowed: {there}{did_you_mean(name, known)}'
