"""Message components: what may stand where. Source: discord-api-docs, components/reference."""

from collections.abc import Iterator
from typing import Any

from matebot.sandbox.discord import limits, schema
from matebot.sandbox.discord.errors import FormErrors, Json

ROW, BUTTON, TEXT_INPUT = 1, 2, 4
SELECTS = frozenset({3, 5, 6, 7, 8})
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER, LABEL = 9, 10, 11, 12, 13, 14, 17, 18
LINK, PREMIUM = 5, 6
V2_TOP = frozenset({ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER})
TEXT_SUM = 4000

_MEDIA = schema.record(
    {"url": schema.url(2048, ("http", "https", "attachment"))}, required=("url",)
)
_FIELDS: dict[int, schema.Check] = {
    BUTTON: schema.record(
        {
            "style": schema.integer(1, 6),
            "label": schema.text(0, 80),
            "custom_id": schema.text(1, 100),
            "url": schema.url(512, ("http", "https", "discord")),
            "disabled": schema.boolean,
        },
        required=("style",),
    ),
    TEXT: schema.record({"content": schema.text(1, TEXT_SUM)}, required=("content",)),
    THUMBNAIL: schema.record(
        {"media": _MEDIA, "description": schema.text(0, 1024), "spoiler": schema.boolean},
        required=("media",),
    ),
    GALLERY: schema.record(
        {"items": schema.items(schema.record({"media": _MEDIA}, required=("media",)), 10, low=1)},
        required=("items",),
    ),
    FILE: schema.record(
        {"file": schema.record({"url": schema.url(2048, ("attachment",))}, required=("url",))},
        required=("file",),
    ),
    SEPARATOR: schema.record({"divider": schema.boolean, "spacing": schema.integer(1, 2)}),
}
_SELECT = schema.record(
    {
        "custom_id": schema.text(1, 100),
        "placeholder": schema.text(0, 150),
        "min_values": schema.integer(0, 25),
        "max_values": schema.integer(1, 25),
        "options": schema.items(
            schema.record(
                {
                    "label": schema.text(1, 100),
                    "value": schema.text(1, 100),
                    "description": schema.text(0, 100),
                },
                required=("label", "value"),
            ),
            25,
        ),
    },
    required=("custom_id",),
)


def walk(components: Any) -> Iterator[Json]:
    """Every component, those inside others too."""
    if not isinstance(components, list):
        return
    for each in components:
        if not isinstance(each, dict):
            continue
        yield each
        yield from walk(each.get("components"))
        if isinstance(each.get("accessory"), dict):
            yield from walk([each["accessory"]])
        if isinstance(each.get("component"), dict):
            yield from walk([each["component"]])


def check(components: Any, form: FormErrors, *, v2: bool) -> None:
    """Note what is wrong with the ``components`` of a message."""
    top = V2_TOP if v2 else frozenset({ROW})
    most = limits.COMPONENTS if v2 else 5
    schema.items(_one(top), most)(components, "components", form)
    everything = list(walk(components))
    if len(everything) > limits.COMPONENTS:
        message = f"Total number of components cannot exceed {limits.COMPONENTS}"
        form.add("components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", message)
    names = [str(each["custom_id"]) for each in everything if each.get("custom_id")]
    if len(set(names)) != len(names):
        message = "Component custom id cannot be duplicated"
        form.add("components", "COMPONENT_CUSTOM_ID_DUPLICATED", message)
    if sum(len(str(each.get("content", ""))) for each in everything) > TEXT_SUM:
        message = f"Total displayable text cannot exceed {TEXT_SUM} characters"
        form.add("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)


def _one(permitted: frozenset[int]) -> schema.Check:
    def check_one(value: Any, path: str, form: FormErrors) -> None:
        schema.record({"type": schema.choice(*sorted(permitted))}, required=("type",))(
            value, path, form
        )
        if isinstance(value, dict) and value.get("type") in permitted:
            _content(value, path, form)

    return check_one


def _content(value: Json, path: str, form: FormErrors) -> None:
    kind = value["type"]
    if kind in SELECTS:
        _SELECT(value, path, form)
    elif kind in _FIELDS:
        _FIELDS[kind](value, path, form)
        if kind == BUTTON:
            _button(value, path, form)
    elif kind == ROW:
        _row(value, path, form)
    elif kind == SECTION:
        accessory = schema.record(
            {
                "components": schema.items(_one(frozenset({TEXT})), 3, low=1),
                "accessory": _one(frozenset({BUTTON, THUMBNAIL})),
            },
            required=("components", "accessory"),
        )
        accessory(value, path, form)
    elif kind == CONTAINER:
        inside = schema.items(_one(V2_TOP - {CONTAINER}), limits.COMPONENTS, low=1)
        schema.record({"components": inside}, required=("components",))(value, path, form)


def _row(value: Json, path: str, form: FormErrors) -> None:
    inside = value.get("components")
    first = inside[0] if isinstance(inside, list) and inside else {}
    select = isinstance(first, dict) and first.get("type") in SELECTS
    each = _one(SELECTS if select else frozenset({BUTTON}))
    content = schema.items(each, 1 if select else 5, low=1)
    schema.record({"components": content}, required=("components",))(value, path, form)


def _button(value: Json, path: str, form: FormErrors) -> None:
    style = value.get("style")
    if style == LINK:
        if not value.get("url") or value.get("custom_id"):
            message = "A custom id and url cannot both be specified"
            form.add(path, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", message)
    elif style != PREMIUM:
        if not value.get("custom_id"):
            form.add(f"{path}.custom_id", "BASE_TYPE_REQUIRED", "This field is required")
        if not value.get("label") and not value.get("emoji"):
            message = "A button must have a label or emoji"
            form.add(path, "BUTTON_COMPONENT_INVALID_LABEL_OR_EMOJI", message)
