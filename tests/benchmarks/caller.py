"""Telegram as it calls a webhook: one connection that is kept, one update at a time."""

import asyncio
import json
from typing import Self

from tests.benchmarks.places import SECRET, Json

WEBHOOK_PATH = "/telegram/webhook"


class Caller:
    """A connection to the daemon's webhook; bare, so that it costs the benchmark little.

    Args:
        port: Where the daemon listens.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._free = asyncio.Lock()

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()

    async def call(self, update: Json) -> None:
        """Bring an update, until the daemon has answered 200.

        Raises:
            ConnectionError: It answered something else, or went away.
        """
        if self._reader is None or self._writer is None:
            raise ConnectionError("the caller is not connected")
        body = json.dumps(update).encode()
        head = (
            f"POST {WEBHOOK_PATH} HTTP/1.1\r\nHost: matebot.example\r\n"
            f"X-Forwarded-For: 149.154.167.220\r\nX-Telegram-Bot-Api-Secret-Token: {SECRET}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        async with self._free:
            self._writer.write(head.encode() + body)
            await _expect_200(self._reader)


async def _expect_200(reader: asyncio.StreamReader) -> None:
    answer = await reader.readuntil(b"\r\n\r\n")
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise ConnectionError(f"the daemon answered {answer[:60]!r}")
    for line in answer.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            await reader.readexactly(int(line.partition(b":")[2]))
