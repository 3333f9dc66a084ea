"""What goes wrong around the daemon: wires that carry nothing, names, clocks and disks that fail.

The daemon itself is the real one; only its interpreter is told, before it begins, to read the clock
with an offset, to resolve names by a file, and to commit slowly.
"""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

from tests.scenarios.harness import Daemon, Scene

# Put before the daemon, as ``sitecustomize``; it looks into TEST_TROUBLE again each time.
TROUBLE = """
import json, os, socket, sqlite3, time

_path = os.environ["TEST_TROUBLE"]
_time, _getaddrinfo, _connect = time.time, socket.getaddrinfo, sqlite3.connect


def _told():
    with open(_path) as file:
        return json.load(file)


def getaddrinfo(host, port, *args, **kwargs):
    name = host.decode() if isinstance(host, bytes) else host
    names = _told()["names"]
    if name in names:
        if not names[name]:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
    return _getaddrinfo(host, port, *args, **kwargs)


class Slow(sqlite3.Connection):
    def execute(self, sql, *args):
        if sql == "COMMIT":
            time.sleep(_told()["commit_s"])
        return super().execute(sql, *args)


time.time = lambda: _time() + _told()["offset_s"]
socket.getaddrinfo = getaddrinfo
sqlite3.connect = lambda *args, **kwargs: _connect(*args, factory=Slow, **kwargs)
"""


@dataclass
class Trouble:
    """What the daemon's interpreter is told.

    Attributes:
        offset_s: Seconds that its clock is wrong by.
        commit_s: Seconds that each commit takes longer.
        names: Hosts that lead to this machine, and whether they are found at the moment.
    """

    path: Path
    offset_s: float = 0.0
    commit_s: float = 0.0
    names: dict[str, bool] = field(default_factory=dict)

    def tell(self) -> None:
        """Have it hold from now on."""
        told = {"offset_s": self.offset_s, "commit_s": self.commit_s, "names": self.names}
        draft = self.path.with_suffix(".new")
        draft.write_text(json.dumps(told))
        draft.replace(self.path)


def troubled(daemon: Daemon) -> Trouble:
    """Have the daemon, which is yet to start, see the world through a `Trouble`."""
    folder = daemon.folder / "python"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(TROUBLE)
    trouble = Trouble(daemon.folder / "trouble.json")
    daemon.settings |= {"PYTHONPATH": str(folder), "TEST_TROUBLE": str(trouble.path)}
    trouble.tell()
    return trouble


class Carries(Enum):
    """What a wire does with what it is given."""

    ALL = auto()
    REQUESTS = auto()  # they arrive and are done; their answers never come
    NOTHING = auto()  # connections are accepted, and then there is silence


@dataclass
class Wire:
    """A TCP connection's way to a stand-in.

    Attributes:
        port: Where it begins.
        carries: From now on, on old connections, too.
    """

    port: int = 0
    carries: Carries = Carries.ALL

    async def join(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, to: int
    ) -> None:
        """Carry what comes to a port, and back."""
        try:
            there, back = await asyncio.open_connection("127.0.0.1", to)
        except OSError:
            writer.close()
            return
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pump(reader, back, Carries.ALL, Carries.REQUESTS))
            group.create_task(self._pump(there, writer, Carries.ALL))

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *when: Carries
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                if self.carries in when:
                    writer.write(data)
                    await writer.drain()
        writer.close()


@asynccontextmanager
async def wire_to(port: int) -> AsyncIterator[Wire]:
    """A wire to a port of this machine."""
    wire = Wire()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            await wire.join(reader, writer, port)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()


@contextmanager
def locked_database(stage: Scene) -> Iterator[None]:
    """Another program holds the database's write lock."""
    path = stage.daemon.folder / "data" / "matebot.sqlite"
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
    finally:
        connection.close()


def rows(stage: Scene, query: str) -> list[tuple[object, ...]]:
    """Look into the daemon's database."""
    path = stage.daemon.folder / "data" / "matebot.sqlite"
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()
