"""What can go wrong, and what each means for a retry.

::

    MateBotError
    ├── OperatorError          the operator must change something: one line, exit status 2
    ├── StoreUnavailable       the database does not write now: refuse intake, try again
    └── DeliveryError          a call to a platform failed
        ├── TemporaryError     nothing arrived: try again, after the service's own hint if any
        ├── UnsureError        it may have arrived: look for it at the destination, then try again
        ├── NotConnected       that side is paused (token revoked, not logged in): wait for it
        └── PermanentError     it will never arrive as it is: give up with the reason
            ├── NoAccess       kicked, blocked or without a permission: the room is paused
            ├── RoomGone       the chat, channel or topic is no more: the room is paused
            ├── MessageGone    the message to edit, delete or answer is not there
            ├── OtherKind      the message cannot become one of that kind: it is posted anew
            └── FileTooLarge   the service hands out, or takes, no file of that size

    RoomMoved (a TemporaryError) carries the chat's new id.
    SourceUnavailable (a TemporaryError) says nothing of the platform that was to be written to.
"""


class MateBotError(Exception):
    """The root of what MateBot raises by itself."""


class OperatorError(MateBotError):
    """Something that only the operator can mend; its text is one line and says how."""


class StoreUnavailable(MateBotError):
    """The database does not take writes at the moment.

    Attributes:
        retry_after_s: Seconds after which to try again.
    """

    def __init__(self, reason: str, retry_after_s: float = 5.0) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class DeliveryError(MateBotError):
    """A call to a platform failed; the text is the reason and holds no secret."""


class TemporaryError(DeliveryError):
    """Nothing arrived, and the same call may succeed later.

    Attributes:
        retry_after_s: The service's own hint in seconds, if it gave one.
    """

    def __init__(self, reason: str, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class RoomMoved(TemporaryError):
    """The chat goes on under another id.

    Attributes:
        new_chat: The id it has now.
    """

    def __init__(self, reason: str, new_chat: int) -> None:
        super().__init__(reason, 0.0)
        self.new_chat = new_chat


class SourceUnavailable(TemporaryError):
    """A file is not to be had now from the service that it was sent to; no call was made."""


class UnsureError(DeliveryError):
    """The call was made, its answer never came: it may have arrived."""


class NotConnected(DeliveryError):
    """That side is paused: not logged in yet, or its token was revoked."""


class PermanentError(DeliveryError):
    """The same call will fail again."""


class NoAccess(PermanentError):
    """MateBot may not do this in that room, until somebody gives it the right."""


class RoomGone(PermanentError):
    """The room is no more."""


class MessageGone(PermanentError):
    """The message that the call is about does not stand there."""


class OtherKind(PermanentError):
    """A message cannot become what it is to be by an edit, such as a picture mere text."""


class FileTooLarge(PermanentError):
    """The service hands out, or takes, no file of that size."""
