"""The HTTP way in."""

import json
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from tests.server.house import WINDOW, House, house, room


async def get(hall: House, path: str, status: int = 200) -> Any:
    """The JSON (or else the text) at a path."""
    async with aiohttp.ClientSession() as session, session.get("http://{}:{}{}".format(*hall.address, path)) as answer:
        assert answer.status == status, await answer.text()
        text = await answer.text()
        return json.loads(text) if answer.content_type == "application/json" else text


async def sold_lamp(hall: House) -> None:
    ana = await hall.bidder("=Ana")
    await ana.bid(1, 12_345)
    await ana.hear()
    hall.pass_time(WINDOW)
    await ana.hear()


async def test_rooms():
    async with house(room("hall"), room("yard")) as both:
        assert [one["id"] for one in await get(both, "/api/rooms")] == ["hall", "yard"]
        state = await get(both, "/api/rooms/yard")
        assert state["room"]["items"][1]["id"] == "desk"
        assert (await get(both, "/api/rooms/yard/catalogue"))[0]["description"] == "It shines."
        assert "no such room" in (await get(both, "/api/rooms/cellar", 404))["message"]
        assert await get(both, "/healthz") == "ok\n"
        assert (await get(both, "/nowhere", 404))["message"]


async def test_events_by_page_and_without_what_only_the_journal_may_know():
    async with house() as hall:
        await sold_lamp(hall)
        page = await get(hall, "/api/rooms/hall/events?after=1&limit=3")
        assert [event["seq"] for event in page["events"]] == [2, 3, 4]
        rest = await get(hall, "/api/rooms/hall/events?after=4")
        assert [event["type"] for event in rest["events"]] == ["unit_sold"]
        assert (await get(hall, "/api/rooms/hall"))["head"] == rest["head"]
        text = json.dumps(await get(hall, "/api/rooms/hall/events"))
        assert "command" not in text
        assert "token" not in text
        assert "salt" not in text
        for wrong in ("after=-1", "after=x", "after=99999999999999999", "limit=1001", "after=%D9%A3"):
            assert "whole number" in (await get(hall, f"/api/rooms/hall/events?{wrong}", 400))["message"]


async def test_purchases():
    async with house() as hall:
        await sold_lamp(hall)
        report = await get(hall, "/api/rooms/hall/purchases")
        assert (report["currency"], report["total"], report["purchases"][0]["bidder"]) == ("EUR", 12_345, "=Ana")
        table = await get(hall, "/api/rooms/hall/purchases?format=csv")
        assert "lamp,Lamp,1,'=Ana,123.45,EUR," in table
        assert "json or csv" in (await get(hall, "/api/rooms/hall/purchases?format=xml", 400))["message"]


async def test_metrics():
    async with house() as hall:
        await sold_lamp(hall)
        families = {family.name: family for family in text_string_to_metric_families(await get(hall, "/metrics"))}
        values = {name: sum(sample.value for sample in family.samples[:1]) for name, family in families.items()}
        assert values["bidroom_bids_accepted"] == 1
        assert values["bidroom_units_sold"] == 1
        assert values["bidroom_connections"] == 1
        assert all("Ana" not in str(sample.labels) for family in families.values() for sample in family.samples)
