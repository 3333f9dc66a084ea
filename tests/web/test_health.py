"""Health: what the parts say, and how /healthz tells it."""

import aiohttp
import pytest

from matebot.core.health import Health, HealthReport
from matebot.web import health as health_module
from matebot.web.health import health_routes
from matebot.web.server import WebServer, build_app


def test_parts_count_as_starting_until_they_speak() -> None:
    """All named parts must be well for the whole to be; the text names who is not."""
    health = Health("telegram", "database")
    assert not health.report().ok
    assert str(health.report()) == "telegram: starting; database: starting"
    health.set("telegram", ok=True)
    health.set("database", ok=False, detail="disk full")
    assert str(health.report()) == "database: disk full"
    health.set("database", ok=True)
    assert health.report().ok
    assert str(health.report()) == "running"


def test_watchers_hear_news_alone() -> None:
    """A watcher is called for a change and not for a repetition."""
    health, heard = Health("telegram"), list[HealthReport]()
    health.watch(heard.append)
    for detail in ("a", "a", "b"):
        health.set("telegram", ok=False, detail=detail)
    assert [report.parts["telegram"].detail for report in heard] == ["a", "b"]


async def test_healthz_tells_it_over_http() -> None:
    """503 and the parts while one is not well, 200 afterwards."""
    health = Health("telegram", "discord")
    health.set("telegram", ok=True)

    async def report() -> HealthReport:
        return health.report()

    app = build_app(health_routes(report))
    async with WebServer(app, "127.0.0.1", 0) as running, aiohttp.ClientSession() as http:
        url = f"http://127.0.0.1:{running.port}/healthz"
        async with http.get(url) as answer:
            assert answer.status == 503
            assert await answer.json() == {
                "ok": False,
                "parts": {
                    "telegram": {"ok": True, "detail": ""},
                    "discord": {"ok": False, "detail": "starting"},
                },
            }
        health.set("discord", ok=True)
        async with http.get(url) as answer:
            assert (answer.status, (await answer.json())["ok"]) == (200, True)


@pytest.mark.parametrize(
    ("remote", "hidden"),
    [("8.8.8.8", True), ("::ffff:8.8.8.8", True), ("2600::1", True), ("127.0.0.1", False)]
    + [(remote, False) for remote in ("::1", "::ffff:10.0.0.1", "172.17.0.1", "", None)],
)
def test_the_world_is_not_told(remote: str | None, hidden: bool) -> None:
    """Only this machine and private networks are told; without nginx, too."""
    assert health_module._from_the_world(remote) is hidden
