"""The CDN, and the pictures made by hand."""

import time

import aiohttp
from hypothesis import given
from hypothesis import strategies as st

from matebot.sandbox.discord import DiscordStandIn, picture
from matebot.sandbox.faults import Fault
from tests.sandbox.discord.conftest import Json


async def status(session: aiohttp.ClientSession, url: str) -> int:
    """What an address answers."""
    async with session.get(url) as response:
        return response.status


async def test_addresses_expire(
    session: aiohttp.ClientSession, standin: DiscordStandIn, ana: Json, room: Json
) -> None:
    """An attachment's address works for a day; a message that is read anew has a new one."""
    now = time.time()
    standin.world.clock = lambda: now - 86_500
    said = standin.say(ana["id"], room["id"], "", attachments=[("a.txt", b"text", "text/plain")])
    assert await status(session, said["attachments"][0]["url"]) == 404
    standin.world.clock = time.time
    fresh = standin.message(room["id"], said["id"])["attachments"][0]
    assert await status(session, fresh["url"]) == 200
    assert await status(session, fresh["url"].split("?", maxsplit=1)[0]) == 404
    standin.faults.add(Fault("status", "cdn", status=502))
    assert await status(session, fresh["url"]) == 502
    assert fresh["content_type"] == "text/plain"
    assert fresh["size"] == 4


async def test_avatars(session: aiohttp.ClientSession, standin: DiscordStandIn) -> None:
    """A person's own picture, one of the six default ones, and what is not there."""
    user = standin.add_user("pic", avatar=standin.picture("pic"))
    avatar = f"{standin.cdn_url}/avatars/{user['id']}/{user['avatar']}.png?size=128"
    assert await status(session, avatar) == 200
    assert await status(session, f"{standin.cdn_url}/embed/avatars/3.png") == 200
    assert await status(session, f"{standin.cdn_url}/embed/avatars/6.png") == 404
    assert await status(session, f"{standin.cdn_url}/avatars/1/none.png") == 404


def test_a_picture_is_a_png() -> None:
    """What is made by hand is known again as what it is."""
    made = picture.square("x")
    assert picture.kind_of(made) == "image/png"
    assert picture.size_of(made) == (64, 64)
    assert made != picture.square("y")


@given(st.binary(max_size=64), st.sampled_from([b"", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF"]))
def test_any_bytes_have_a_size_or_none(rest: bytes, head: bytes) -> None:
    """Looking for a size never fails, whatever the bytes are."""
    size = picture.size_of(head + rest)
    assert size is None or len(size) == 2
