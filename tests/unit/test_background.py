"""The work beside the requests: it goes on after a failure, and is not cut off in the middle when the process stops."""

import asyncio

import pytest

from bot.background import BackgroundWork


async def test_what_has_begun_is_finished_and_nothing_new_begins() -> None:
    begun, may_end, ended = asyncio.Event(), asyncio.Event(), []

    async def job() -> int:
        begun.set()
        await may_end.wait()
        ended.append("whole")
        return 1

    work = BackgroundWork([job], every=60)
    await begun.wait()
    stopping = asyncio.create_task(work.stop(within=60))
    await asyncio.sleep(0)
    assert not stopping.done()
    may_end.set()
    await stopping
    assert ended == ["whole"]


async def test_a_job_without_end_is_cut_off_in_the_end() -> None:
    begun, cut = asyncio.Event(), []

    async def job() -> int:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cut.append("off")
            raise
        return 0

    work = BackgroundWork([job], every=60)
    await begun.wait()
    await work.stop(within=0)
    assert cut == ["off"]


async def test_a_failure_is_logged_and_the_work_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    tries, again = [], asyncio.Event()

    async def job() -> int:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError
        again.set()
        return 0

    work = BackgroundWork([job], every=0)
    await again.wait()
    await work.stop(within=60)
    assert "it goes on" in caplog.text


async def test_waiting_ends_at_once_when_the_process_stops() -> None:
    done = asyncio.Event()

    async def job() -> int:
        done.set()
        return 0

    work = BackgroundWork([job], every=3600)
    await done.wait()
    async with asyncio.timeout(30):
        await work.stop(within=3600)
