"""Accepted corrections become a change set: one person proposes it, another one approves it, then it may be trained."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.accounts import Officer, Permission
from bot.domain.audit import Act, Deed
from bot.domain.errors import BadInput, Conflict, EngineUnavailable, NotFound
from bot.domain.teaching import ChangeSetState, Example, Proposed, Span
from bot.services.audit import Audit
from bot.services.teaching_checks import Guess, examine
from bot.services.training_data import TrainingData, as_nlu
from bot.storage.database import Database
from bot.storage.reviews import AcceptedCorrection, ReviewStore
from bot.storage.teaching import ChangeLine, ChangeSet, TeachingStore

MOST_LINES = 500
"""Of one change set: more than that nobody reads before approving."""
DROPPED = "批准的人去掉了这一句"
FILE = "nlu.yml"


@dataclass(frozen=True, slots=True)
class ListedSet:
    """A change set in the list; `number` is for paging."""

    id: str
    state: ChangeSetState
    proposer: str
    proposed_at: datetime
    taught: int
    lines: int
    number: int


@dataclass(frozen=True, slots=True)
class WholeSet:
    """A change set with its lines. `decider` is "" until it is decided; `mine`: who looks proposed it herself."""

    id: str
    state: ChangeSetState
    proposer: str
    decider: str
    proposed_at: datetime
    decided_at: datetime | None
    mine: bool
    examples: tuple[Example, ...]

    @property
    def taught(self) -> int:
        """Lines that nothing stands in the way of."""
        return sum(not example.refusal for example in self.examples)


def whole_area(by: Officer) -> None:
    """One model serves every district: who teaches it works for all of them. Raises NotFound."""
    if not by.may(Permission.TEACH) or by.area:
        raise NotFound


class Teaching:
    """Change sets. `folder` holds the approved ones as files, `taught` copies of those in the live model; `data` reads what is
    known already."""

    def __init__(
        self,
        database: Database,
        audit: Audit,
        folder: Path,
        taught: Path,
        data: Callable[[], TrainingData],
        guess: Guess,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._audit = audit
        self._folder = folder
        self._taught = taught
        self._written: int | None = None
        self._data = data
        self._guess = guess
        self._clock = clock

    async def waiting(self, by: Officer) -> int:
        """Accepted corrections that no change set has yet."""
        whole_area(by)
        async with self._database.read() as session:
            return len(await self._fresh(session))

    async def propose(self, by: Officer, source: str = "") -> str:
        """A change set of the corrections accepted since → its id. Raises BadInput when there are none."""
        whole_area(by)
        async with self._database.read() as session:
            fresh = (await self._fresh(session))[:MOST_LINES]
            before = await TeachingStore(session).approved_lines()
        if not fresh:
            raise BadInput("没有新的、采纳了的改正。")
        examples = examine(
            fresh, self._data(), [(intent, line) for _, intent, line in before], await self._guesses(fresh)
        )
        made = ChangeSet(proposed_by=by.id, proposed_at=self._clock())
        async with self._database.write() as session:
            store = TeachingStore(session)
            await store.add(made)
            if not await store.add_lines([_row(made.id, number, one) for number, one in enumerate(examples)]):
                raise Conflict("有人刚刚用这些改正做了另一个改动，请刷新后再看。")
            await self._audit.append(
                session, Deed(Act.TEACHING_PROPOSED, by.id, "change_set", made.public_id, _counts(examples), source)
            )
        return made.public_id

    async def page(
        self, by: Officer, *, state: ChangeSetState | None = None, before: int | None = None, limit: int = 20
    ) -> list[ListedSet]:
        """Change sets, newest first; `before`: those older than this number."""
        whole_area(by)
        async with self._database.read() as session:
            rows = await TeachingStore(session).change_sets(state=state, before=before, limit=limit)
        return [
            ListedSet(row.public_id, row.state, name, row.proposed_at, taught, lines, row.id)
            for row, name, taught, lines in rows
        ]

    async def one(self, by: Officer, change_set: str) -> WholeSet:
        """A change set with its lines. Raises NotFound."""
        whole_area(by)
        async with self._database.read() as session:
            store = TeachingStore(session)
            row = await store.change_set(change_set)
            if row is None:
                raise NotFound
            names = await store.names([row.proposed_by, row.decided_by or ""])
            lines = await store.lines(row.id)
        return WholeSet(
            row.public_id, row.state, names.get(row.proposed_by, ""), names.get(row.decided_by or "", ""),
            row.proposed_at, row.decided_at, row.proposed_by == by.id, tuple(map(_example, lines)),
        )  # fmt: skip

    async def approve(self, by: Officer, change_set: str, dropped: Sequence[int] = (), source: str = "") -> None:
        """A second person has read it. `dropped`: numbers of lines that she leaves out.

        Raises NotFound, BadInput (her own, or nothing is left), Conflict (decided already).
        """
        async with self._database.write() as session:
            store, row = await self._undecided(session, by, change_set)
            lines = await store.lines(row.id)
            for line in lines:
                if line.number in dropped and not line.refusal:
                    line.refusal = DROPPED
            left = sum(not line.refusal for line in lines)
            if not left:
                raise BadInput("一句也没有剩下，请点“不批准”。")
            await session.flush()
            await self._decided(session, store, row, ChangeSetState.APPROVED, by, f"{left} 句", source)
        await self.write_files()

    async def refuse(self, by: Officer, change_set: str, source: str = "") -> None:
        """A second person has read it, and it shall not be taught. Raises as `approve`."""
        async with self._database.write() as session:
            store, row = await self._undecided(session, by, change_set)
            await self._decided(session, store, row, ChangeSetState.REFUSED, by, "", source)

    async def tidy(self) -> int:
        """Where messages have been deleted, their lines are gone from the tables: take them out of the files too → 0."""
        async with self._database.read() as session:
            count = await TeachingStore(session).count_approved()
        if count != self._written:
            await self.write_files()
            self._written = count
        return 0

    async def write_files(self) -> dict[str, Path]:
        """Every approved change set as a file → file by id; the copies of those in the live model as well."""
        async with self._database.read() as session:
            rows = await TeachingStore(session).approved_lines()
            known = await TeachingStore(session).approved()
        lines: dict[str, list[tuple[str, str]]] = {change_set: [] for change_set in known}
        for change_set, intent, line in rows:
            lines[change_set].append((intent, line))
        return {name: _write(self._folder, self._taught, name, pairs) for name, pairs in lines.items()}

    async def _fresh(self, session: AsyncSession) -> list[Proposed]:
        accepted = await ReviewStore(session).corrections_accepted()
        taken = await TeachingStore(session).taken()
        taught = [one for one in accepted if one.changes and (one.intent or one.new_intent_wish)]
        return [_proposed(one) for one in taught if one.id not in taken]

    async def _guesses(self, fresh: Sequence[Proposed]) -> list[tuple[Span, ...] | None]:
        try:
            guessed = await self._guess([one.text for one in fresh])
        except EngineUnavailable:
            return [None] * len(fresh)
        return list(guessed)

    async def _undecided(self, session: AsyncSession, by: Officer, change_set: str) -> tuple[TeachingStore, ChangeSet]:
        whole_area(by)
        store = TeachingStore(session)
        row = await store.change_set(change_set, lock=True)
        if row is None:
            raise NotFound
        if row.proposed_by == by.id:
            raise BadInput("自己提的改动要由另一个人来批准。")
        if row.state is not ChangeSetState.PROPOSED:
            raise Conflict("这个改动已经有人决定过了。")
        return store, row

    async def _decided(
        self, session: AsyncSession, store: TeachingStore, row: ChangeSet, state: ChangeSetState, by: Officer,
        reason: str, source: str,
    ) -> None:  # fmt: skip
        if not await store.decide(row, state, by.id, self._clock()):
            raise Conflict
        act = Act.TEACHING_APPROVED if state is ChangeSetState.APPROVED else Act.TEACHING_REFUSED
        await self._audit.append(session, Deed(act, by.id, "change_set", row.public_id, reason, source))


def _proposed(one: AcceptedCorrection) -> Proposed:
    spans = None if one.entities is None else tuple(Span(span.start, span.end, span.name) for span in one.entities)
    return Proposed(one.id, one.inbound_id, one.text, one.intent, spans, one.of_herself)


def _row(change_set_id: int, number: int, example: Example) -> ChangeLine:
    one = example.proposed
    return ChangeLine(
        change_set_id=change_set_id, number=number, inbound_id=one.inbound_id, correction=one.correction, claim=one.correction,
        masked=one.text, intent=one.intent, line=example.line, refusal=example.refusal[:200], guessed=example.guessed,
        turned=example.turned, of_herself=one.of_herself,
    )  # fmt: skip


def _example(row: ChangeLine) -> Example:
    proposed = Proposed(row.correction, row.inbound_id, row.masked, row.intent, None, row.of_herself)
    return replace(Example(proposed, row.line, row.refusal), guessed=row.guessed, turned=row.turned, number=row.number)


def _counts(examples: Sequence[Example]) -> str:
    taught = sum(not example.refusal for example in examples)
    return f"{len(examples)} 句，可教 {taught} 句"


def _write(folder: Path, taught: Path, name: str, pairs: Sequence[tuple[str, str]]) -> Path:
    """`folder/<id>/nlu.yml`, and the copy among the live ones if there is one."""
    text = as_nlu(pairs, f"改动 {name}，由审核过的改正做成；不要手改。")
    file = folder / name / FILE
    live_one = [taught / f"{name}.yml"] if (taught / f"{name}.yml").exists() else []
    for target in (file, *live_one):
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            new = target.with_name(f"{target.name}.{secrets.token_hex(4)}.new")  # two processes may write at once
            new.write_text(text, encoding="utf-8")
            new.replace(target)
    return file
