"""Small building blocks that check a JSON body the way Discord does, with its codes and texts.

A ``Check`` takes a value, its dotted path and the collection of faults. Null is the field left out.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from matebot.sandbox.discord.errors import FormErrors, Json

Check = Callable[[Any, str, FormErrors], None]
_SNOWFLAKE = re.compile(r"\d{1,20}")


def text(low: int = 0, high: int | None = None) -> Check:
    """A string of so many code points."""

    def check(value: Any, path: str, form: FormErrors) -> None:
        if not isinstance(value, str):
            form.add(path, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
        elif high is not None and low and not low <= len(value) <= high:
            message = f"Must be between {low} and {high} in length."
            form.add(path, "BASE_TYPE_BAD_LENGTH", message)
        elif high is not None and len(value) > high:
            form.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")
        elif low and not value:
            form.add(path, "BASE_TYPE_REQUIRED", "This field is required")

    return check


def integer(low: int | None = None, high: int | None = None) -> Check:
    """A whole number in a range."""

    def check(value: Any, path: str, form: FormErrors) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            form.add(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
        elif high is not None and value > high:
            message = f"int value should be less than or equal to {high}."
            form.add(path, "NUMBER_TYPE_MAX", message)
        elif low is not None and value < low:
            message = f"int value should be greater than or equal to {low}."
            form.add(path, "NUMBER_TYPE_MIN", message)

    return check


def number(value: Any, path: str, form: FormErrors) -> None:
    """A number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        form.add(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not float.')


def boolean(value: Any, path: str, form: FormErrors) -> None:
    """True or false."""
    if not isinstance(value, bool):
        form.add(path, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")


def snowflake(value: Any, path: str, form: FormErrors) -> None:
    """An id, as a string or a number."""
    if isinstance(value, bool) or not _SNOWFLAKE.fullmatch(str(value)):
        form.add(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')


def anything(_value: Any, _path: str, _form: FormErrors) -> None:
    """Not looked at."""


def url(high: int, schemes: tuple[str, ...] = ("http", "https")) -> Check:
    """An absolute address."""
    length = text(0, high)

    def check(value: Any, path: str, form: FormErrors) -> None:
        length(value, path, form)
        if not isinstance(value, str) or not value:
            return
        try:
            parts = urlsplit(value)
            well_formed = bool(parts.hostname) and not re.search(r"\s", value)
        except ValueError:
            form.add(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
            return
        if parts.scheme not in schemes:
            known = ", ".join(f"'{each}'" for each in schemes)
            message = f'Scheme "{parts.scheme}" is not supported. Scheme must be one of ({known}).'
            form.add(path, "URL_TYPE_INVALID_SCHEME", message)
        elif not well_formed:
            form.add(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")

    return check


def choice(*values: Any) -> Check:
    """One of these."""

    def check(value: Any, path: str, form: FormErrors) -> None:
        if isinstance(value, bool) or value not in values:
            known = ", ".join(repr(each) for each in values)
            form.add(path, "BASE_TYPE_CHOICES", f"Value must be one of {{{known}}}.")

    return check


def items(check_item: Check, high: int, *, unique: bool = False, low: int = 0) -> Check:
    """A list of at most so many."""

    def check(value: Any, path: str, form: FormErrors) -> None:
        if not isinstance(value, list):
            form.add(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return
        if len(value) > high:
            form.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")
            return
        if len(value) < low:
            message = f"Must be between {low} and {high} in length."
            form.add(path, "BASE_TYPE_BAD_LENGTH", message)
        if unique and len({str(each) for each in value}) != len(value):
            form.add(path, "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value")
        for index, each in enumerate(value):
            check_item(each, f"{path}.{index}", form)

    return check


def record(fields: Mapping[str, Check], required: tuple[str, ...] = ()) -> Check:
    """An object; keys that are not named are ignored, as the service does."""

    def check(value: Any, path: str, form: FormErrors) -> None:
        if not isinstance(value, dict):
            message = "Only dictionaries may be used in a DictType"
            form.add(path, "DICT_TYPE_CONVERT", message)
            return
        for key in required:
            if value.get(key) is None:
                form.add(_below(path, key), "BASE_TYPE_REQUIRED", "This field is required")
        for key, check_field in fields.items():
            if value.get(key) is not None:
                check_field(value[key], _below(path, key), form)

    return check


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def checked(body: Any, fields: Mapping[str, Check], required: tuple[str, ...] = ()) -> Json:
    """A body that fits.

    Raises:
        ApiError: 50035, with the tree of what does not.
    """
    form = FormErrors()
    record(fields, required)(body, "", form)
    form.check()
    return dict(body)
