"""File names: nothing in them deceives or escapes, and people's own words stay."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matebot.core.message import AttachmentKind
from matebot.media.names import (
    MOST_BYTES,
    MOST_CHARACTERS,
    fit_name,
    mime_of,
    renamed,
    suffix_of,
)
from tests.strategies import moderate

FILE, PHOTO, VOICE = AttachmentKind.FILE, AttachmentKind.PHOTO, AttachmentKind.VOICE
HARD = "./\\:\0\n\t \u202e\u2066\u200b\u200d\u2024\ufeff\ud800\uffff\u3164<>|?*%~éñא中ก👩🏽e\u0301"
names = st.text(
    st.one_of(st.sampled_from(HARD), st.characters(), st.sampled_from("abcexejpgCONaux1"))
)

KEPT = [
    "report.pdf",
    "résumé final (2).docx",
    "отчёт за год.xlsx",
    "報告書：第一版.pdf",
    "ملف.pdf",
    "रिपोर्ट.pdf",
    "می\u200cخواهم.txt",
    "👩🏽\u200d🚀.png",
    "archive.tar.gz",
    "col·lecció.odt",
    "README",
    "v1.2.3",
    "jquery.min.css",
]


@pytest.mark.parametrize("name", KEPT)
def test_what_people_called_it_stays(name: str) -> None:
    """Names of every script, several dots and none."""
    assert fit_name(name, FILE, "") == name


CLEANED = [
    ("../../etc/passwd", "passwd"),
    ("C:\\Users\\eve\\x.txt", "x.txt"),
    ("/", "file"),
    ("..", "file"),
    ("photo\u202egpj.exe", "photogpj.exe"),
    ("photo.jpg\u2024exe", "photo.jpg_exe"),
    ("photo.jpg.exe", "photo_jpg.exe"),
    ("photo.jpg" + " " * 80 + ".exe", "photo_jpg.exe"),
    ("photo.jpg\u3164\u3164\u3164.EXE", "photo_jpg.EXE"),
    ("bill.pdf. . .", "bill.pdf"),
    ("bill.pdf\r\nX-Header: 1", "bill.pdf X-Header_ 1"),
    ("a\0b.txt", "ab.txt"),
    ("con", "_con"),
    ("Aux.txt", "_Aux.txt"),
    ("LPT¹.log", "_LPT¹.log"),
    ("  spaces   within .txt", "spaces within.txt"),
    (".bashrc", "bashrc"),
    ("\u200b\u200d", "file"),
    ("lone \ud800.txt", "lone.txt"),
    ('a<b>c:d"e|f?g*.txt', "a_b_c_d_e_f_g_.txt"),
]


@pytest.mark.parametrize(("name", "clean"), CLEANED)
def test_what_deceives_or_escapes_goes(name: str, clean: str) -> None:
    """Paths, directions of writing, blanks, look-alikes, reserved and double ends."""
    assert fit_name(name, FILE, "") == clean


MADE = [
    (None, PHOTO, "image/jpeg", "photo.jpg"),
    ("", VOICE, "audio/ogg", "voice.ogg"),
    (None, FILE, "application/pdf", "file.pdf"),
    (None, FILE, "", "file"),
    (None, AttachmentKind.STICKER, "application/x-tgsticker", "sticker.tgs"),
    ("🙂", AttachmentKind.STICKER, "image/webp", "sticker.webp"),
    ("holiday", PHOTO, "image/jpeg", "holiday.jpg"),
    ("Song", AttachmentKind.AUDIO, "audio/mpeg", "Song.mp3"),
    ("x", PHOTO, "image/made-up", "x"),
]


@pytest.mark.parametrize(("name", "kind", "mime", "made"), MADE)
def test_a_name_is_made_where_there_is_none(
    name: str | None, kind: AttachmentKind, mime: str, made: str
) -> None:
    """Its kind and its type's suffix; what is shown in place always has one."""
    assert fit_name(name, kind, mime) == made


def test_what_became_another_type_ends_as_that() -> None:
    """The old suffix goes, the name stays."""
    assert renamed("wave.apng", "image/webp") == "wave.webp"
    assert renamed("wave", "image/webp") == "wave.webp"


@pytest.mark.parametrize("mime", ["image/jpeg", "video/mp4", "audio/ogg", "application/pdf"])
def test_types_and_suffixes_agree(mime: str) -> None:
    """There and back."""
    assert mime_of(f"x{suffix_of(mime)}") == mime
    assert suffix_of(f"{mime}; charset=x") == suffix_of(mime)


@moderate
@given(names, st.sampled_from(list(AttachmentKind)), st.sampled_from(["", "image/png", "a/b"]))
@example("a" * 300 + ".jpeg", PHOTO, "")
@example("👩🏽‍🚀" * 60 + ".png", PHOTO, "")
@example("." * 50 + "exe", FILE, "")
def test_every_name_is_fit(name: str, kind: AttachmentKind, mime: str) -> None:
    """Whatever comes in: short, seen, no path; and cleaning it again changes nothing."""
    clean = fit_name(name, kind, mime)
    assert 0 < len(clean) <= MOST_CHARACTERS
    assert len(clean.encode()) <= MOST_BYTES
    assert not set(clean) & set('/\\:\0<>|?*"\u202e\u2024')
    assert clean == clean.strip(" .")
    assert all(
        unicodedata.category(c) not in {"Cc", "Cs", "Co", "Zl", "Zp"}
        and (unicodedata.category(c) != "Cf" or c in "\u200c\u200d")
        for c in clean
    )
    assert fit_name(clean, kind, mime) == clean


@moderate
@given(st.text("abc", min_size=1, max_size=400), st.sampled_from([".pdf", ".tar", ".jpeg"]))
def test_a_long_name_keeps_its_end(stem: str, suffix: str) -> None:
    """What a file is, is told by its end."""
    assert fit_name(stem + suffix, FILE, "").endswith(suffix)
