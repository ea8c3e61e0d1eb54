"""Whether an accepted correction may be taught: what stands in the way of each line, in words."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from bot.dialogue.engine import EngineClient
from bot.domain.teaching import Example, Proposed, Span
from bot.language.examples import Unteachable, line_of
from bot.language.likeness import LONG_ENOUGH, NEAR_COPY, NEAR_MEASURED, near, plain
from bot.language.offsets import as_sent
from bot.services.training_data import TrainingData
from bot.services.understanding import understand

Guess = Callable[[Sequence[str]], Awaitable[list[tuple[Span, ...]]]]
"""Texts → the entities that the running model finds in each. Raises EngineUnavailable."""
SHOWN = 24
"""Characters of the other sentence that are told. A measured one is never told: it may be a real person's."""


@dataclass(frozen=True, slots=True)
class Known:
    """Sentences that a new one is compared with: `words` tells of the one at a place of `plain`."""

    plain: list[str]
    words: Callable[[int, str], str]


def examine(
    proposed: Sequence[Proposed],
    data: TrainingData,
    taught: Sequence[tuple[str, str]] = (),
    guesses: Sequence[tuple[Span, ...] | None] | None = None,
) -> list[Example]:
    """Each correction as a line, with what stands in its way.

    `taught`: (intent, line) of change sets that were approved before. `guesses`: the model's entities of each text, for those
    that nobody judged; None where they are not to be had.
    """
    guesses = guesses if guesses is not None else [None] * len(proposed)
    found = [_alone(one, data, guess) for one, guess in zip(proposed, guesses, strict=True)]
    found = _unlike(found, _examples(data.examples, "训练数据里"), NEAR_COPY, short=True)
    found = _unlike(found, _examples(tuple(taught), "以前批准的改动里"), NEAR_COPY, short=True)
    found = _unlike(found, _measured(data), NEAR_MEASURED, short=False)
    return _unlike_each_other(found)


def guesses_of(engine: EngineClient) -> Guess:
    """The running engine's guesses, in places of the texts as given."""

    async def guess(texts: Sequence[str]) -> list[tuple[Span, ...]]:
        found = await understand(engine, texts)
        return [
            tuple(Span(entity.start, entity.end, entity.name) for entity in as_sent(text, one.understanding.entities))
            for text, one in zip(texts, found, strict=True)
        ]

    return guess


def _alone(one: Proposed, data: TrainingData, guess: tuple[Span, ...] | None) -> Example:
    spans = one.entities if one.entities is not None else guess
    try:
        if one.intent is None:
            raise Unteachable("需要一个新的意图，要由开发人员来加")
        if one.intent not in data.intents:
            raise Unteachable(f"没有「{one.intent}」这个意图")
        if spans is None:
            raise Unteachable("没有人标过实体，引擎现在也没有回应")
        unknown = {span.name for span in spans} - data.entities
        if unknown:
            raise Unteachable(f"没有「{'、'.join(sorted(unknown))}」这种实体")
        line, turned = line_of(one.text, spans)
    except Unteachable as why:
        return Example(one, "", why.words, guessed=one.entities is None)
    return Example(one, line, guessed=one.entities is None, turned=turned)


def _examples(pairs: Sequence[tuple[str, str]], where: str) -> Known:
    def words(at: int, intent: str) -> str:
        known, line = pairs[at]
        told = f"{where}已有这一句或很像的：「{line[:SHOWN]}」"
        return told if known == intent else f"{told}，意图却是 {known}；哪个对，请开发人员改 data/nlu"

    return Known([plain(line) for _, line in pairs], words)


def _measured(data: TrainingData) -> Known:
    return Known(
        [plain(text) for _, text in data.examined], lambda at, _: f"评测集 {data.examined[at][0]} 里有这一句或很像的"
    )


def _unlike(found: list[Example], known: Known, bound: float, *, short: bool) -> list[Example]:
    """Refuse what stands among the known ones: the same words, or long enough and near. `short`: short ones too."""
    exact = {text: at for at, text in reversed(list(enumerate(known.plain)))}
    kept = [at for at, one in enumerate(found) if not one.refusal]
    ours = {at: plain(found[at].line) for at in kept}
    long_ones = [at for at in kept if len(ours[at]) >= LONG_ENOUGH]
    others = [at for at, text in enumerate(known.plain) if len(text) >= LONG_ENOUGH]
    pairs = near([ours[at] for at in long_ones], [known.plain[at] for at in others], bound)
    hit = {long_ones[a]: others[b] for a, b in reversed(pairs)}
    hit |= {at: exact[ours[at]] for at in kept if ours[at] in exact and (short or len(ours[at]) >= LONG_ENOUGH)}
    return [
        replace(one, refusal=known.words(hit[at], one.proposed.intent or "")) if at in hit else one
        for at, one in enumerate(found)
    ]


def _unlike_each_other(found: list[Example]) -> list[Example]:
    """Of lines that are alike the first one stays."""
    kept: list[Example] = []
    checked = []
    for one in found:
        if not one.refusal:
            before = _examples([(other.proposed.intent or "", other.line) for other in kept], "这一批里")
            one = _unlike([one], before, NEAR_COPY, short=True)[0]  # noqa: PLW2901
        if not one.refusal:
            kept.append(one)
        checked.append(one)
    return checked
