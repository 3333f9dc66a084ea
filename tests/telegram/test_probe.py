"""What a probe's answer costs."""

from aiogram.methods import EditMessageReplyMarkup
from aiogram.methods.base import Response

from matebot.telegram.probe import Touch


def test_no_message_is_built_for_the_answer() -> None:
    """It is the same call, and the model of what it returns knows no messages."""
    assert Touch.__api_method__ == EditMessageReplyMarkup.__api_method__
    answer = Response[Touch.__returning__]  # type: ignore[valid-type]  # as aiogram does
    assert "message_id" not in str(answer.model_json_schema())
    for result in (True, {"message_id": 1}):
        assert answer.model_validate({"ok": True, "result": result}).result == result
