"""What MateBot itself says: the protocol of the message catalogue."""

from typing import Protocol


class Words(Protocol):
    """The catalogue: a message in a language, with its arguments filled in."""

    def __call__(self, language: str, message_id: str, /, **args: str | float) -> str:
        """Say something.

        Args:
            language: ``en`` or ``pt_BR``.
            message_id: Its id in the catalogue, such as ``note-photo``.
            **args: What stands in it.
        """
        ...
