"""Discord's limits: each line with its source, all checked on 2026-11-24.

``docs`` is https://discord.com/developers/docs. Rates that no document states are what the
service's ``X-RateLimit-*`` headers say; a 429's own hint is obeyed whatever stands here.
"""

from typing import Final

from matebot.core.limits import Rate

CONTENT: Final = 2000
"""Code points in a message: docs/resources/message#create-message, ``content``."""
NAME: Final = 80
"""Characters in a webhook's name: docs/resources/webhook#execute-webhook, ``username``."""
AVATAR_URL: Final = 2048
"""Characters in ``avatar_url``: the service's answer to a longer one."""
PAGE: Final = 100
"""Messages a page: docs/resources/message#get-channel-messages, ``limit``."""
BUTTONS: Final = 5
"""Buttons in a row: docs/components/reference#action-row."""
BUTTON_LABEL: Final = 80
"""Characters on a button: docs/components/reference#button, ``label``."""
OPTIONS: Final = 25
"""Options of a menu: docs/components/reference#string-select, ``options``."""
OPTION_TEXT: Final = 100
"""Characters of an option's texts: docs/components/reference#string-select, "Option Structure"."""
PLACEHOLDER: Final = 150
"""Characters of a menu's placeholder: docs/components/reference#string-select."""
NONCE: Final = 25
"""Characters in a nonce: docs/resources/message#create-message, ``nonce``."""
POLL_OPTIONS: Final = 10
"""Answers of a poll: docs/resources/poll#poll-create-request-object."""
POLL_OPTION: Final = 55
"""Characters of an answer: docs/resources/poll#poll-media-object."""
POLL_HOURS: Final = 768
"""How long a poll lasts at most: docs/resources/poll#poll-create-request-object, ``duration``."""
REACTIONS: Final = 20
"""Kinds of reactions on a message: the service's answer 30010 to one more."""
FILES: Final = 10
"""Files in a message: docs/resources/message#create-message, ``files[n]`` and ``attachments``."""
FILE_BYTES: Final = 10 * 1024 * 1024
"""Of each file, where the server has no boosts: docs/reference#uploading-files."""
REQUEST_BYTES: Final = FILES * FILE_BYTES
"""Of all files of a post. No document states it; so much is taken everywhere."""
DESCRIPTION: Final = 1024
"""Characters of a file's description: docs/resources/message#attachment-object."""
WAVEFORM: Final = 256
"""Samples of a voice message: docs/resources/message#attachment-object, ``waveform``."""
INTERACTION_S: Final = 15 * 60.0
"""How long an interaction's token answers: docs/interactions/receiving-and-responding."""

RATES: Final[tuple[Rate, ...]] = (
    # A webhook's bucket, from its headers; a channel has one webhook of ours.
    Rate("chat", 5, 2.0),
    # All webhooks of a channel together; stated in no header, only by the 429. More webhooks would
    # help for some posts of a burst, and then wait for this all the same.
    Rate("chat", 30, 60.0),
    # docs/topics/rate-limits#global-rate-limit
    Rate("all", 50, 1.0),
)
