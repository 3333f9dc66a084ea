"""In which forms a file goes into a room: the table, read from the other side."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matebot.core.ids import Platform
from matebot.core.media import Takes
from matebot.core.message import Attachment, AttachmentKind, File
from matebot.media.conversion import Conversion
from matebot.media.plan import TELEGRAM_PHOTO, forms
from tests.media.world import TO_DISCORD, TO_TELEGRAM, attachment
from tests.strategies import moderate

K, C = AttachmentKind, Conversion
D, T = Platform.DISCORD, Platform.TELEGRAM
MB = 1_000_000


def planned(
    what: Attachment, origin: Platform, takes: Takes, *, shrink_videos: bool = False
) -> list[tuple[AttachmentKind, Conversion | None]]:
    """The forms, as what is done for each."""
    found = forms(what, origin, takes, shrink_videos=shrink_videos)
    return [(form.kind, form.conversion) for form in found]


FIT = (K.PHOTO, C.PHOTO_TO_FIT)
AS_FILE = (K.FILE, None)
INTO_TELEGRAM = [
    ("photo", attachment(K.PHOTO, size=MB, mime="image/jpeg"), [(K.PHOTO, None), FIT, AS_FILE]),
    ("photo too large", attachment(K.PHOTO, size=12 * MB, mime="image/png"), [FIT, AS_FILE]),
    ("photo far too large", attachment(K.PHOTO, size=60 * MB, mime="image/png"), [FIT]),
    (
        "photo of too many pixels",
        attachment(K.PHOTO, size=MB, mime="image/jpeg", width=9000, height=1500),
        [FIT, AS_FILE],
    ),
    (
        "photo too narrow",
        attachment(K.PHOTO, size=MB, mime="image/jpeg", width=100, height=2100),
        [AS_FILE],
    ),
    ("avif", attachment(K.PHOTO, size=MB, mime="image/avif"), [FIT, AS_FILE]),
    (
        "gif as photo",
        attachment(K.PHOTO, size=MB, mime="image/gif"),
        [(K.ANIMATION, None), AS_FILE],
    ),
    ("gif", attachment(K.ANIMATION, size=MB, mime="image/gif"), [(K.ANIMATION, None), AS_FILE]),
    (
        "moving webp",
        attachment(K.ANIMATION, size=MB, mime="image/webp"),
        [(K.ANIMATION, C.TO_ANIMATION), AS_FILE],
    ),
    ("mp4", attachment(K.VIDEO, size=MB, mime="video/mp4"), [(K.VIDEO, None)]),
    (
        "mkv",
        attachment(K.VIDEO, size=MB, mime="video/x-matroska"),
        [(K.VIDEO, C.VIDEO_TO_MP4), AS_FILE],
    ),
    ("mov too large", attachment(K.VIDEO, size=60 * MB, mime="video/quicktime"), []),
    ("mp4 too large", attachment(K.VIDEO, size=60 * MB, mime="video/mp4"), []),
    ("mp3", attachment(K.AUDIO, size=MB, mime="audio/mpeg"), [(K.AUDIO, None), AS_FILE]),
    ("flac", attachment(K.AUDIO, size=MB, mime="audio/flac"), [AS_FILE]),
    (
        "voice",
        attachment(K.VOICE, size=MB, mime="audio/ogg; codecs=opus"),
        [(K.VOICE, None), (K.VOICE, C.VOICE_TO_OPUS), AS_FILE],
    ),
    (
        "voice as mp3",
        attachment(K.VOICE, size=MB, mime="audio/mpeg"),
        [(K.VOICE, C.VOICE_TO_OPUS), AS_FILE],
    ),
    ("document", attachment(K.FILE, size=MB, mime="image/png"), [AS_FILE]),
    ("document too large", attachment(K.FILE, size=51 * MB), []),
    *(
        (
            f"sticker {mime}",
            attachment(K.STICKER, mime=mime),
            [
                (K.STICKER, C.STICKER_TO_TELEGRAM_MOVING),
                (K.STICKER, C.STICKER_TO_TELEGRAM_STILL),
            ],
        )
        for mime in ("image/apng", "image/gif", "application/json")
    ),
    (
        "sticker image/png",
        attachment(K.STICKER, mime="image/png"),
        [(K.STICKER, C.STICKER_TO_TELEGRAM_STILL)],
    ),
    ("a card's picture", attachment(K.EMBED, mime="image/png"), [(K.PHOTO, None), FIT, AS_FILE]),
    ("a card's unknown", attachment(K.EMBED), [AS_FILE]),
    ("no file", Attachment(K.LOCATION), []),
]


@pytest.mark.parametrize(
    ("what", "expected"), [row[1:] for row in INTO_TELEGRAM], ids=[row[0] for row in INTO_TELEGRAM]
)
def test_into_telegram(
    what: Attachment, expected: list[tuple[AttachmentKind, Conversion | None]]
) -> None:
    """Each kind of Discord's as what Telegram shows in place, else as a document."""
    assert planned(what, D, TO_TELEGRAM) == expected


STILL = (K.STICKER, C.STICKER_STILL_TO_DISCORD)
MOVING = (K.STICKER, C.STICKER_TO_DISCORD)
INTO_DISCORD = [
    ("photo", attachment(K.PHOTO, size=MB), [(K.PHOTO, None), FIT]),
    ("photo too large", attachment(K.PHOTO, size=11 * MB), [FIT]),
    ("document", attachment(K.FILE, size=MB), [AS_FILE]),
    ("document too large", attachment(K.FILE, size=11 * MB), []),
    ("animation", attachment(K.ANIMATION, size=MB, mime="video/mp4"), [(K.ANIMATION, None)]),
    ("round video", attachment(K.VIDEO_NOTE, size=MB, mime="video/mp4"), [(K.VIDEO, None)]),
    ("voice", attachment(K.VOICE, size=MB), [(K.VOICE, C.VOICE_TO_OPUS), (K.AUDIO, None)]),
    ("sticker", attachment(K.STICKER, mime="image/webp", size=MB), [STILL]),
    ("tgs", attachment(K.STICKER, mime="application/x-tgsticker", size=MB), [MOVING, STILL]),
    (
        "webm with a still picture",
        attachment(K.STICKER, mime="video/webm", size=MB, thumbnail="t"),
        [MOVING, STILL, STILL],
    ),
]


@pytest.mark.parametrize(
    ("what", "expected"), [row[1:] for row in INTO_DISCORD], ids=[row[0] for row in INTO_DISCORD]
)
def test_into_discord(
    what: Attachment, expected: list[tuple[AttachmentKind, Conversion | None]]
) -> None:
    """Each kind of Telegram's as it is, but for stickers, voices and photos too large."""
    assert planned(what, T, TO_DISCORD) == expected


@pytest.mark.parametrize(("platform", "takes"), [(T, TO_TELEGRAM), (D, TO_DISCORD)])
@pytest.mark.parametrize("kind", [K.PHOTO, K.VOICE, K.STICKER, K.VIDEO])
def test_on_its_own_platform_a_file_goes_as_it_is(
    platform: Platform, takes: Takes, kind: AttachmentKind
) -> None:
    """There it was shown in place."""
    assert planned(attachment(kind, size=MB, mime="image/gif"), platform, takes)[0] == (kind, None)


def test_lottie_stickers_of_discord_cannot_be_attached() -> None:
    """Among Discord's rooms they are converted, too."""
    lottie = attachment(K.STICKER, mime="application/json")
    assert planned(lottie, D, TO_DISCORD) == [MOVING, STILL]


@pytest.mark.parametrize(("origin", "takes"), [(D, TO_TELEGRAM), (T, TO_DISCORD)])
def test_films_are_made_smaller_where_the_operator_wants_it(origin: Platform, takes: Takes) -> None:
    """And only then: it costs minutes of a processor."""
    film = attachment(K.VIDEO, size=200 * MB, mime="video/mp4")
    assert planned(film, origin, takes) == []
    assert planned(film, origin, takes, shrink_videos=True) == [(K.VIDEO, C.VIDEO_TO_FIT)]


def test_a_form_bears_its_own_name_and_type() -> None:
    """Cleaned, and by what the file becomes."""
    (moving, *_) = forms(
        attachment(K.STICKER, name="../wave.tgs", mime="application/x-tgsticker"), T, TO_DISCORD
    )
    assert (moving.name, moving.mime) == ("wave.webp", "image/webp")


@pytest.mark.parametrize(
    "told",
    [
        "text/plain\r\nX: 1",
        "text/plain\0",
        "t\xe9/t",
        "text",
        "multipart/mixed",
        "a/b/c",
        "x/" * 200,
    ],
)
def test_what_is_no_type_gets_into_no_header(told: str) -> None:
    """A sender writes what they like there; the name tells then, or nothing does."""
    (form,) = forms(attachment(size=MB, name="a.pdf", mime=told), T, TO_DISCORD)
    assert form.mime == "application/pdf"
    (form,) = forms(attachment(size=MB, mime=told), T, TO_DISCORD)
    assert form.mime == ""


def test_the_same_bytes_have_the_same_key_in_any_message() -> None:
    """Whatever address, name, alt text or cover they have this time."""
    one = attachment(K.STICKER, "a", name="x", mime="image/webp", unique="u", size=MB)
    other = attachment(K.STICKER, "b", mime="image/webp", unique="u", spoiler=True, alt="hi")
    assert [form.key for form in forms(one, T, TO_DISCORD)] == [
        form.key for form in forms(other, T, TO_DISCORD)
    ]


def test_other_bytes_forms_and_limits_have_other_keys() -> None:
    """Another file, another kind, another room's limit: never the same key."""
    photo = attachment(K.PHOTO, size=20 * MB, unique="u")
    keys = [
        *(form.key for form in forms(photo, D, TO_TELEGRAM)),
        *(form.key for form in forms(photo, T, TO_DISCORD)),
        *(form.key for form in forms(photo, T, Takes(D, 15 * MB))),
        *(form.key for form in forms(attachment(K.PHOTO, size=MB, unique="v"), T, TO_DISCORD)),
        *(form.key for form in forms(attachment(K.STICKER, unique="u"), T, TO_DISCORD)),
    ]
    assert len(set(keys)) == len(keys)


mimes = st.sampled_from(
    [
        "",
        "image/gif",
        "image/jpeg",
        "image/webp",
        "video/mp4",
        "video/webm",
        "audio/ogg",
        "x/y",
        "?",
    ]
)
files = st.builds(
    File,
    source=st.just("s"),
    unique=st.text(min_size=1, max_size=300),
    mime=mimes,
    width=st.integers(0, 30_000),
    height=st.integers(0, 30_000),
    thumbnail=st.sampled_from(["", "t"]),
)
things = st.builds(
    Attachment,
    kind=st.sampled_from(list(AttachmentKind)),
    name=st.none() | st.text(max_size=40),
    size_bytes=st.none() | st.integers(0, 100 * MB),
    file=files,
)


@moderate
@given(
    things,
    st.sampled_from(list(Platform)),
    st.builds(Takes, st.sampled_from(list(Platform)), st.integers(MB, 100 * MB)),
    st.booleans(),
)
def test_every_form_keeps_to_what_the_room_takes(
    what: Attachment, origin: Platform, takes: Takes, shrink_videos: bool
) -> None:
    """Keys are short and tell forms apart; what goes as it is is not known to be too large."""
    found = forms(what, origin, takes, shrink_videos=shrink_videos)
    assert len({form.key for form in found}) == len(found)
    for form in found:
        assert len(form.key) <= 200
        assert form.most_bytes <= takes.most_bytes
        if form.conversion is None:
            assert (form.size_bytes or 0) <= form.most_bytes
        if form.kind is K.PHOTO and (origin, takes.platform) == (D, T) and form.conversion is None:
            assert form.most_bytes <= TELEGRAM_PHOTO.most_bytes
