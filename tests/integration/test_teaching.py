"""Change sets, trainings and the live model, on both databases."""

import asyncio
import json
from pathlib import Path

import pytest
import yaml
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from bot.domain.accounts import Role
from bot.domain.errors import BadInput, Conflict, EngineUnavailable, NotFound
from bot.domain.reviews import CorrectionState, MarkedEntity
from bot.domain.teaching import ChangeSetState, MoveKind, NotBetter, TrainingFailed, TrainingState
from bot.storage.conversations import InboundMessage
from bot.storage.teaching import ChangeSet, Training
from tests.integration.conftest import Talk
from tests.integration.schooling import FIGURES, WORSE, School, write_model
from tests.integration.staffing import Staffed

SENTENCE, OTHER, THIRD = "孩子上学户口的事找谁", "闺女判给谁要看什么", "他不让我见儿子咋整"


@pytest.fixture
def school(talk: Talk, staffed: Staffed, tmp_path: Path) -> School:
    return School(talk, staffed, tmp_path / "school")


async def trained(school: School, change_set: str = "") -> Training:
    """A training, carried out."""
    return await school.retraining.run(await school.retraining.ask(change_set))


async def test_accepted_corrections_become_lines_with_their_checks(school: School) -> None:
    await school.corrected("我叫王小红,孩子判给谁好呢", entities=(MarkedEntity(7, 9, "role"),))
    await school.corrected("想离婚怎么弄好呢", "ask_divorce")
    await school.corrected("没人看过的", state=CorrectionState.OPEN)
    await school.corrected("只判了风险的", None)
    await school.corrected("本来就听对了的", changes=False)
    await school.corrected("要加新的", None, wish="退役军人家属优待")
    first, _ = await school.two()
    assert await school.teaching.waiting(first) == 3
    found = await school.teaching.one(first, await school.teaching.propose(first))
    assert [(line.line, line.refusal.split("，")[0].split("：")[0]) for line in found.examples] == [
        ("[孩子](role)判给谁好呢", ""),
        ("想离婚怎么弄好呢", "训练数据里已有这一句或很像的"),
        ("", "需要一个新的意图"),
    ]
    assert (found.taught, found.mine, found.state) == (1, True, ChangeSetState.PROPOSED)
    assert found.examples[0].turned
    assert "王小红" not in str(found)
    assert await school.teaching.waiting(first) == 0
    with pytest.raises(BadInput, match="没有新的"):
        await school.teaching.propose(first)


async def test_two_who_propose_at_once_make_one_change_set(school: School) -> None:
    await school.corrected(SENTENCE)
    first, second = await school.two()
    made = await asyncio.gather(school.teaching.propose(first), school.teaching.propose(second), return_exceptions=True)
    assert sorted(type(one).__name__ for one in made) in (["BadInput", "str"], ["Conflict", "str"])
    assert len(await school.teaching.page(first)) == 1


async def test_nobody_approves_what_she_proposed_herself(school: School) -> None:
    await school.corrected(SENTENCE)
    first, second = await school.two()
    change_set = await school.teaching.propose(first)
    with pytest.raises(BadInput, match="另一个人"):
        await school.teaching.approve(first, change_set)
    await school.teaching.approve(second, change_set)
    with pytest.raises(Conflict):
        await school.teaching.refuse(second, change_set)
    assert [act for act, _ in await school.acts()] == ["teaching_proposed", "teaching_approved"]


async def test_the_database_itself_keeps_the_two_persons_apart(school: School) -> None:
    await school.corrected(SENTENCE)
    first, _ = await school.two()
    change_set = await school.teaching.propose(first)
    with pytest.raises(IntegrityError):
        async with school.talk.database.write() as session:
            await session.execute(
                update(ChangeSet)
                .where(ChangeSet.public_id == change_set)
                .values(state="approved", decided_by=first.id, decided_at=school.clock())
            )


@pytest.mark.parametrize(
    ("role", "scope"),
    [
        (Role.OFFICER, ""),  # not her work
        (Role.REVIEWER, "120113"),  # a district: the model serves all
        (Role.AUDITOR, ""),
    ],
)
async def test_others_see_nothing_and_do_nothing(school: School, role: Role, scope: str) -> None:
    change_set = await school.approved(SENTENCE)
    row = await trained(school, change_set)
    other = await school.officer("other", role, scope)
    for asked in (
        school.teaching.page(other), school.teaching.one(other, change_set), school.teaching.propose(other),
        school.teaching.approve(other, change_set), school.retraining.start(other), school.live.trainings(other),
        school.live.promote(other, row.public_id), school.live.roll_back(other), school.live.one(other, row.public_id),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await asked
    assert school.engine.used == []


async def test_an_approved_change_set_is_a_file_without_the_lines_that_were_dropped(school: School) -> None:
    for text in (SENTENCE, OTHER, THIRD):
        await school.corrected(text)
    first, second = await school.two()
    change_set = await school.teaching.propose(first)
    await school.teaching.approve(second, change_set, dropped=[1])
    file = school.folder / "teaching" / change_set / "nlu.yml"
    [entry] = yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]
    assert (entry["intent"], entry["examples"].splitlines()) == ("ask_custody", [f"- {SENTENCE}", f"- {THIRD}"])


async def test_a_refused_change_set_may_be_proposed_again(school: School) -> None:
    await school.corrected(SENTENCE)
    first, second = await school.two()
    await school.teaching.refuse(second, await school.teaching.propose(first))
    again = await school.teaching.one(first, await school.teaching.propose(first))
    assert again.taught == 1


async def test_entities_that_nobody_judged_are_guessed_or_refused(school: School) -> None:
    await school.corrected(SENTENCE, entities=None)
    school.guesses = None
    first, second = await school.two()
    change_set = await school.teaching.propose(first)
    [line] = (await school.teaching.one(first, change_set)).examples
    assert "没有人标过实体" in line.refusal
    with pytest.raises(BadInput, match="一句也没有"):
        await school.teaching.approve(second, change_set)


async def test_her_words_leave_the_files_with_her_message(school: School) -> None:
    change_set = await school.approved(SENTENCE, OTHER)
    await school.live.promote(None, (await trained(school, change_set)).public_id)
    async with school.talk.database.write() as session:
        await session.execute(delete(InboundMessage).where(InboundMessage.masked == SENTENCE))
    await school.teaching.tidy()
    left = "".join(file.read_text(encoding="utf-8") for file in school.folder.rglob("*.yml"))
    assert (SENTENCE in left, left.count(OTHER)) == (False, 2)


async def test_a_training_learns_the_change_set_and_measures_both(school: School) -> None:
    change_set = await school.approved(SENTENCE)
    steps: list[tuple[str, int]] = []
    training = await school.retraining.ask(change_set)
    row = await school.retraining.run(training, lambda step, done, of: steps.append((step, done)))
    assert (row.state, row.busy, row.change_sets) == (TrainingState.READY, None, change_set)
    assert [step for step, _ in steps] == ["训练 一部分", "旧模型 crisis", "新模型 crisis"]
    assert [SENTENCE in text for text in school.trainer.learned[0]] == [True]
    card = school.shelf.card(row.model)
    assert card is not None
    assert (card.change_sets, card.figures, card.model_id) == ((change_set,), FIGURES, "trained 1")
    assert not list((school.folder / "teaching" / "models").iterdir())
    assert school.shelf.live() is None, "nothing is live but by promotion"


async def test_one_training_at_a_time(school: School) -> None:
    await school.approved(SENTENCE)
    first, _ = await school.two()
    training = await school.retraining.start(first)
    assert school.launched == [training]
    with pytest.raises(Conflict, match="一次只能"):
        await school.retraining.start(first)
    school.clock.pass_by(minutes=5)  # its process is gone: nobody has heard of it since
    assert await school.retraining.start(first) != training
    assert [row.state for row, _ in await school.live.trainings(first)] == ["waiting", "failed"]


async def test_a_training_runs_once(school: School) -> None:
    training = await school.retraining.ask()
    await school.retraining.run(training)
    with pytest.raises(Conflict):
        await school.retraining.run(training)


async def test_a_training_that_fails_says_so_and_changes_nothing(school: School) -> None:
    school.trainer.broken = True
    before = school.shelf.current.read_bytes()
    training = await school.retraining.ask()
    with pytest.raises(TrainingFailed):
        await school.retraining.run(training)
    first, _ = await school.two()
    whole = await school.live.one(first, training)
    assert (whole.row.state, whole.row.failure) == (TrainingState.FAILED, TrainingFailed.default_words)
    assert school.shelf.current.read_bytes() == before
    with pytest.raises(Conflict):
        await school.live.promote(None, training)


async def test_only_an_approved_change_set_is_trained(school: School) -> None:
    await school.corrected(SENTENCE)
    first, _ = await school.two()
    with pytest.raises(NotFound):
        await school.retraining.start(first, await school.teaching.propose(first))


async def test_a_model_that_misses_more_danger_is_not_promoted(school: School) -> None:
    school.examiner.of["trained 1"] = WORSE
    row = await trained(school)
    assert row.state is TrainingState.REJECTED
    with pytest.raises(NotBetter, match="从 90/100 降到 89/100"):
        await school.live.promote(None, row.public_id)
    assert school.engine.used == []


async def test_promotion_and_rollback_move_the_engine_and_the_next_start(school: School) -> None:
    change_set = await school.approved(SENTENCE)
    row = await trained(school, change_set)
    first, _ = await school.two()
    moved = await school.live.promote(first, row.public_id)
    assert (moved.model, moved.seconds, school.engine.answers) == (row.model, 0.5, "trained 1")
    standing = await school.live.standing()
    assert standing.card is not None
    assert (standing.card.name, standing.answers, standing.can_go_back) == (row.model, True, True)
    assert [file.name for file in school.shelf.taught.iterdir()] == [f"{change_set}.yml"]
    back = await school.live.roll_back(first)
    assert (back.model, school.engine.answers) == (moved.former, "base")
    assert not school.shelf.taught.exists()
    assert [move.kind for move, _ in await school.live.moves(first)] == [MoveKind.ROLLED_BACK, MoveKind.PROMOTED]
    assert [act for act, _ in await school.acts()][-3:] == ["model_trained", "model_promoted", "model_rolled_back"]
    with pytest.raises(Conflict, match="没有更早"):
        await school.live.roll_back(first)


async def test_after_a_rollback_the_model_may_go_live_again(school: School) -> None:
    row = await trained(school)
    for _ in range(2):
        await school.live.promote(None, row.public_id)
        await school.live.roll_back(None)
    await school.live.promote(None, row.public_id)
    assert school.engine.answers == "trained 1"
    with pytest.raises(Conflict, match="正在用"):
        await school.live.promote(None, row.public_id)


async def test_each_rollback_goes_one_further(school: School) -> None:
    models = []
    for text in (SENTENCE, OTHER):
        row = await trained(school, await school.approved(text))
        models.append((await school.live.promote(None, row.public_id)).model)
    assert [len(texts) for texts in school.trainer.learned] == [1, 2], "what is live is learned again"
    assert (await school.live.roll_back(None)).model == models[0]
    assert len(list(school.shelf.taught.iterdir())) == 1
    assert (await school.live.roll_back(None)).model.startswith("base-")


async def test_a_model_measured_against_another_one_is_measured_anew(school: School) -> None:
    one, other = await trained(school), await trained(school)
    await school.live.promote(None, one.public_id)
    with pytest.raises(Conflict, match="已经换过"):
        await school.live.promote(None, other.public_id)


async def test_where_the_engine_cannot_read_it_nothing_changes(school: School) -> None:
    row = await trained(school)
    school.engine.unreadable.add(row.model)
    before = school.shelf.current.read_bytes()
    with pytest.raises(EngineUnavailable):
        await school.live.promote(None, row.public_id)
    assert (school.shelf.current.read_bytes(), school.shelf.names()) == (before, [])
    assert (await school.live.standing()).answers is True


async def test_where_the_files_cannot_be_written_the_engine_goes_back(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = await trained(school)

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(school.shelf, "put_live", full)
    with pytest.raises(OSError, match="no space"):
        await school.live.promote(None, row.public_id)
    assert school.engine.answers == "base"


async def test_without_a_running_engine_the_next_start_has_it(school: School) -> None:
    school.engine.running = False
    row = await trained(school)
    assert (await school.live.promote(None, row.public_id)).seconds is None
    standing = await school.live.standing()
    assert (standing.answers, standing.card is not None) == (None, True)
    school.engine.running = True
    assert (await school.live.standing()).answers is False, "it was started with another one"


async def test_only_one_moves_the_live_model_at_a_time(school: School) -> None:
    row = await trained(school)
    with school.shelf.moving(), pytest.raises(Conflict, match="另一个人"):
        await school.live.promote(None, row.public_id)


async def test_a_model_made_by_make_train_since_can_be_left_for_the_one_before(school: School) -> None:
    moved = await school.live.promote(None, (await trained(school)).public_id)
    write_model(school.shelf.current, "made by hand")
    assert (await school.live.standing()).card is None
    assert (await school.live.roll_back(None)).model == moved.model


async def test_old_models_are_deleted_but_never_one_to_go_back_to(school: School) -> None:
    first = await trained(school)
    await school.live.promote(None, first.public_id)
    for _ in range(12):
        school.clock.pass_by(minutes=1)
        await trained(school)
    names = {card.name for card in school.shelf.cards()}
    assert len(names) == 12, "ten, the live one, and the one before it"
    assert first.model in names
    assert len(list((school.shelf.folder / "kept").glob("*.svg"))) == 13


async def test_figures_of_a_training_are_compared(school: School) -> None:
    row = await trained(school)
    first, _ = await school.two()
    whole = await school.live.one(first, row.public_id)
    assert [(change.set, change.better) for change in whole.changes] == [(f.set, 0) for f in FIGURES]
    assert (whole.may_go_live, whole.is_live, json.loads(whole.row.objections)) == (True, False, [])
    assert school.live.picture(first, row.model).startswith("<svg")
    for name in ("../secret", "nothing-like-it"):
        with pytest.raises(NotFound):
            school.live.picture(first, name)
