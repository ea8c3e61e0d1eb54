"""The work beside the requests: done again and again, and let finish what it has begun when the process stops."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable

log = logging.getLogger(__name__)

Job = Callable[[], Awaitable[int]]


class BackgroundWork:
    """Each job in a task of its own; one that found nothing to do waits `every` seconds, one that failed goes on."""

    def __init__(self, jobs: Iterable[Job], every: float) -> None:
        self._every = every
        self._stopping = asyncio.Event()
        self._tasks = [asyncio.create_task(self._again_and_again(job)) for job in jobs]

    async def stop(self, within: float) -> None:
        """Begin nothing new and let what runs end; after `within` seconds it is cut off.

        A query that is cut off is still answered by SQLite's thread, which then finds nobody.
        """
        self._stopping.set()
        if self._tasks:
            _, running = await asyncio.wait(self._tasks, timeout=within)
            for task in running:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _again_and_again(self, job: Job) -> None:
        while not self._stopping.is_set():
            try:
                done = await job()
            except Exception:
                log.exception("background work failed; it goes on")
                done = 0
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), 0 if done else self._every)
