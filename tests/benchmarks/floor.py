"""The least that a message can cost here: the libraries and one commit, with no bridge between.

A process of its own takes an update with aiohttp, reads it with aiogram's model, commits one row as
MateBot does, and posts its text with aiohttp. It knows no rooms, names, formats, order or limits.
"""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Final

from aiohttp import ClientSession, web

from matebot.storage.database import Database, connect
from matebot.telegram.lazy_models import import_aiogram
from tests.benchmarks import places
from tests.benchmarks.caller import WEBHOOK_PATH
from tests.benchmarks.daemon import cores
from tests.benchmarks.load import Load, Outcome
from tests.benchmarks.services import Services, Way

_BRIDGES: Final = 10
_WARM: Final = 100


async def least(count: int, per_s: float) -> Outcome:
    """What becomes of so many messages at a steady pace, with no bridge between."""
    daemons, others = cores()
    os.sched_setaffinity(0, {others})
    load = Load(_BRIDGES)
    with tempfile.TemporaryDirectory(prefix="matebot-bench-") as folder:
        async with Services(_BRIDGES, load.arrived) as services:
            url = f"http://127.0.0.1:{services.port}/api/v10"
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", __name__, url, folder, stdout=asyncio.subprocess.PIPE
            )
            try:
                os.sched_setaffinity(process.pid, {daemons})
                assert process.stdout is not None
                await load.connect(services, int(await process.stdout.readline()))
                await load.paced(Way.TO_DISCORD, _WARM, per_s)
                return await load.paced(Way.TO_DISCORD, count, per_s)
            finally:
                await load.close()
                process.kill()
                await process.wait()


async def _serve(url: str, folder: Path) -> None:
    """Be that process, until it is killed; tells its port."""
    import_aiogram()
    from aiogram.types import Message, Update

    connection = connect(folder / "floor.sqlite")
    connection.execute("CREATE TABLE updates (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")
    async with (
        Database(connection) as database,
        ClientSession() as session,
        asyncio.TaskGroup() as tasks,
    ):

        async def post(message: Message) -> None:
            bridge = places.bridge_of_group(message.chat.id)
            address = f"{url}/webhooks/{places.hook(bridge)}/token?wait=true"
            async with session.post(address, json={"content": message.text}) as response:
                await response.read()

        async def take(request: web.Request) -> web.Response:
            body = await request.read()
            update = Update.model_validate(json.loads(body))
            row = (update.update_id, body)
            await database.run(lambda conn: conn.execute("INSERT INTO updates VALUES (?, ?)", row))
            if update.message is not None:
                tasks.create_task(post(update.message))
            return web.Response()

        app = web.Application()
        app.router.add_post(WEBHOOK_PATH, take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        sys.stdout.write(f"{runner.addresses[0][1]}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], Path(sys.argv[2])))
