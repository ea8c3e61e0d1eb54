"""Reviewers judge apart from each other, and what two say alike or one decides teaches; marks, cases and tests besides."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from bot.domain import accounts
from bot.domain.accounts import Officer, Permission, Role
from bot.domain.audit import Act
from bot.domain.case_topics import Topic
from bot.domain.cases import CaseStatus, OpenReason
from bot.domain.errors import BadInput, NotFound, StepUpNeeded
from bot.domain.messages import Owner
from bot.domain.reviews import CorrectionState, Judgement, MarkedEntity, MarkKind
from bot.domain.risk import RiskLevel
from bot.services.dialogue_tests import read_story, story_file
from bot.services.reading import TalkLine, TalkRead
from bot.services.review_access import OutOfScope
from bot.services.review_desk import ReviewDesk
from bot.storage.cases import Case
from bot.storage.conversations import Conversation
from bot.storage.review_entries import ReviewEntry
from bot.storage.reviews import Correction, DialogueTest, Reviewed, ReviewMark, ReviewStore
from tests.integration.casework import COMMUNITY, Casework

SAYS = "我叫王小花，电话13800000000，想离婚，在南开区"
MASKED = "我叫［姓名］,电话［电话］,想离婚,在南开区"
RIGHT = Judgement("ask_divorce", None, RiskLevel.NONE, (MarkedEntity(19, 22, "place"),))


class Reviewers:
    """Two reviewers of the whole area, and a conversation of one woman."""

    def __init__(self, work: Casework) -> None:
        self.work = work
        self.desk = ReviewDesk.furnish(work.database, work.keyring, work.audit, work.office.cases, clock=work.clock)

    async def begin(self, *says: str) -> "Reviewers":
        self.li = await self.work.hire("李莉", "", Role.REVIEWER, there=False)
        self.zhao = await self.work.hire("赵云", "", Role.REVIEWER, there=False)
        for words in says or (SAYS,):
            await self.work.say(words)
        [row] = await self.work.rows(Conversation)
        self.talk = row.public_id
        return self

    async def read(self, by: Officer) -> TalkRead:
        return await self.desk.reading.talk(self.talk, by)

    async def line(self, by: Officer, number: int = 0) -> TalkLine:
        return [line for line in (await self.read(by)).lines if line.understood][number]

    async def judge(self, by: Officer, said: Judgement, number: int = 0) -> CorrectionState:
        line = await self.line(by, number)
        return await self.desk.corrections.judge(self.talk, line.id, said, by)

    async def accepted(self) -> list:
        async with self.work.database.read() as session:
            return await ReviewStore(session).corrections_accepted()


@pytest.fixture
async def desk(work: Casework) -> Reviewers:
    return await Reviewers(work).begin()


async def test_the_talk_is_read_in_order_masked_and_with_what_was_understood(desk: Reviewers) -> None:
    read = await desk.read(desk.li)
    assert [line.author.value for line in read.lines] == ["woman", "bot"]
    hers = read.lines[0]
    assert hers.text == MASKED
    assert hers.can_be_judged
    assert hers.understood is not None
    assert (hers.understood.intent, hers.understood.name) == ("chitchat", "闲聊")
    assert read.to_judge == 1
    assert "王小花" not in repr(read)
    assert "13800000000" not in repr(read)


async def test_nobody_sees_the_others_judgement_before_she_has_judged(desk: Reviewers) -> None:
    await desk.judge(desk.li, RIGHT)
    await desk.desk.marks.mark(desk.talk, (await desk.line(desk.li)).id, MarkKind.NOTE, "明明是离婚", desk.li)
    before = await desk.line(desk.zhao)
    assert (before.own, before.others, before.others_wait, before.marks) == (None, (), 1, ())
    await desk.judge(desk.zhao, Judgement("ask_property", None, RiskLevel.WATCH, ()))
    after = await desk.line(desk.zhao)
    assert after.own is not None
    assert [(one.reviewer, one.said) for one in after.others] == [("李莉", RIGHT)]
    assert [mark.text for mark in after.marks] == ["明明是离婚"]
    assert (await desk.line(desk.li)).others[0].said.intent == "ask_property"


async def test_two_who_say_the_same_are_right_without_anybody_deciding(desk: Reviewers) -> None:
    assert await desk.judge(desk.li, RIGHT) is CorrectionState.OPEN
    assert await desk.accepted() == []
    assert await desk.judge(desk.zhao, RIGHT) is CorrectionState.ACCEPTED
    [one] = await desk.accepted()
    assert (one.text, one.understood, one.intent, one.risk) == (MASKED, "chitchat", "ask_divorce", RiskLevel.NONE)
    assert one.entities is not None
    assert MASKED[one.entities[0].start : one.entities[0].end] == "南开区"
    assert one.changes
    assert not one.of_herself


async def test_two_who_differ_wait_for_a_decision_and_it_rejects_the_other(desk: Reviewers) -> None:
    other = replace(RIGHT, intent="ask_property")
    await desk.judge(desk.li, RIGHT)
    await desk.judge(desk.zhao, other)
    [waiting] = await desk.desk.corrections.undecided(desk.zhao)
    assert waiting.disputed
    hers = next(one for one in waiting.judgements if one.reviewer == "李莉")
    await desk.desk.corrections.decide(desk.talk, waiting.message, hers.id, desk.zhao, accept=True)
    [one] = await desk.accepted()
    assert (one.intent, one.of_herself) == ("ask_divorce", False)
    assert [row.state.value for row in await desk.work.rows(Correction)] == ["accepted", "rejected"]
    assert await desk.desk.corrections.undecided(desk.zhao) == []


async def test_one_reviewer_alone_may_accept_her_own_and_it_is_told(desk: Reviewers) -> None:
    await desk.judge(desk.li, RIGHT)
    line = await desk.line(desk.li)
    assert line.own is not None
    await desk.desk.corrections.decide(desk.talk, line.id, line.own.id, desk.li, accept=True)
    assert [one.of_herself for one in await desk.accepted()] == [True]


async def test_who_has_not_judged_decides_nothing(desk: Reviewers) -> None:
    await desk.judge(desk.li, RIGHT)
    line = await desk.line(desk.li)
    assert line.own is not None
    with pytest.raises(NotFound):
        await desk.desk.corrections.decide(desk.talk, line.id, line.own.id, desk.zhao, accept=True)
    assert await desk.desk.corrections.undecided(desk.zhao) == []


async def test_a_judgement_that_is_changed_or_taken_back_teaches_no_more(desk: Reviewers) -> None:
    await desk.judge(desk.li, RIGHT)
    await desk.judge(desk.zhao, RIGHT)
    await desk.judge(desk.li, replace(RIGHT, intent="ask_property"))
    assert await desk.accepted() == []
    await desk.desk.corrections.withdraw(desk.talk, (await desk.line(desk.li)).id, desk.li)
    assert [row.reviewer_id for row in await desk.work.rows(Correction)] == [desk.zhao.id]


async def test_of_a_message_at_most_one_judgement_is_accepted(desk: Reviewers) -> None:
    for by, intent in ((desk.li, "ask_divorce"), (desk.zhao, "ask_property")):
        await desk.judge(by, replace(RIGHT, intent=intent))
        line = await desk.line(by)
        assert line.own is not None
        await desk.desk.corrections.decide(desk.talk, line.id, line.own.id, by, accept=True)
    assert [one.intent for one in await desk.accepted()] == ["ask_property"]


async def test_that_all_was_understood_needs_no_decision(desk: Reviewers) -> None:
    await desk.judge(desk.li, Judgement("chitchat", None, RiskLevel.NONE, ()))
    assert await desk.desk.corrections.undecided(desk.li) == []
    assert [row.changes for row in await desk.work.rows(Correction)] == [False]


@pytest.mark.parametrize(
    "said",
    [
        Judgement(),  # nothing at all
        Judgement("nlu_fallback"),  # no intent a message can have
        Judgement("ask_divorce", new_intent_wish="问入学"),  # both an old and a new one
        Judgement("ask_divorce", entities=(MarkedEntity(0, 99, "place"),)),  # beyond the text
        Judgement("ask_divorce", entities=(MarkedEntity(3, 3, "place"),)),  # nothing in it
        Judgement("ask_divorce", entities=(MarkedEntity(0, 4, "place"), MarkedEntity(2, 6, "role"))),  # overlapping
        Judgement("ask_divorce", entities=(MarkedEntity(0, 2, "password"),)),  # no such kind
    ],
)
async def test_what_cannot_be_right_is_refused(desk: Reviewers, said: Judgement) -> None:
    with pytest.raises(BadInput):
        await desk.judge(desk.li, said)
    assert await desk.work.rows(Correction) == []


async def test_a_wish_for_a_new_intent_is_masked_and_two_of_them_agree(desk: Reviewers) -> None:
    await desk.judge(desk.li, Judgement(risk=RiskLevel.NONE, new_intent_wish="给孩子转学，她叫李小兰，13800000001"))
    await desk.judge(desk.zhao, Judgement(risk=RiskLevel.NONE, new_intent_wish="问转学"))
    [one] = await desk.accepted()
    assert "转学" in one.new_intent_wish
    assert "13800000001" not in one.new_intent_wish
    assert one.intent is None


async def test_agreement_is_counted_over_what_both_judged(work: Casework) -> None:
    desk = await Reviewers(work).begin(*(f"第{number}句话" for number in range(6)))
    for number in range(6):
        right = "ask_divorce" if number % 2 else "ask_property"
        await desk.judge(desk.li, Judgement(right, None, RiskLevel.NONE, ()), number)
        if number < 4:
            await desk.judge(desk.zhao, Judgement(right if number < 3 else "greet", None, RiskLevel.NONE, ()), number)
    intent, risk, [pair] = await desk.desk.corrections.agreement(desk.li)
    assert (intent.count, intent.same) == (4, 3)
    assert intent.kappa == pytest.approx(0.6)
    assert (risk.count, risk.kappa) == (4, None)
    assert sorted(pair.reviewers) == ["李莉", "赵云"]
    assert pair.intent == intent


async def test_a_branch_reads_its_own_and_what_has_no_place(desk: Reviewers) -> None:
    nearby = await desk.work.hire("孙红", "120113", Role.REVIEWER, there=False)
    assert (await desk.read(nearby)).id == desk.talk
    async with desk.work.database.write() as session:
        await session.execute(update(ReviewEntry).values(area="120104001"))
    with pytest.raises(OutOfScope):
        await desk.read(nearby)
    with pytest.raises(NotFound):
        await desk.judge(nearby, RIGHT)
    far = await desk.work.hire("周兰", "120104", Role.REVIEWER, there=False)
    assert (await desk.read(far)).id == desk.talk


@pytest.mark.parametrize("role", [Role.OFFICER, Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR])
async def test_who_does_not_review_reads_nothing_here(desk: Reviewers, role: Role) -> None:
    other = await desk.work.hire("王敏", "", role, there=False)
    with pytest.raises(NotFound):
        await desk.read(other)
    with pytest.raises(NotFound):
        await desk.desk.corrections.agreement(other)


async def test_a_reviewer_opens_no_original(desk: Reviewers) -> None:
    line = await desk.line(desk.li)
    with pytest.raises(NotFound):
        await desk.desk.reading.open_message(desk.talk, line.id, desk.li, "核对她住哪里")
    assert desk.work.audit.opened == []  # type: ignore[union-attr]


async def test_who_reviews_and_may_open_sealed_text_does_so_with_a_reason_that_is_logged(
    desk: Reviewers, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = frozenset({Permission.REVIEW, Permission.OPEN_SEALED})
    monkeypatch.setitem(accounts.PERMISSIONS, Role.REVIEWER, both)  # type: ignore[arg-type]
    line = await desk.line(desk.li)
    text = await desk.desk.reading.open_message(desk.talk, line.id, desk.li, "核对她住哪里")
    assert text == SAYS
    assert desk.work.audit.opened == [(desk.li.id, line.id, "核对她住哪里")]  # type: ignore[union-attr]
    desk.work.clock.pass_by(minutes=6)
    with pytest.raises(StepUpNeeded):
        await desk.desk.reading.open_message(desk.talk, line.id, desk.li, "核对她住哪里")


async def test_flags_and_tags_are_put_once_and_taken_by_anybody_notes_only_by_their_writer(desk: Reviewers) -> None:
    marks, line = desk.desk.marks, await desk.line(desk.li)
    for by in (desk.li, desk.zhao):
        await marks.mark(desk.talk, line.id, MarkKind.FLAG, "", by)
        await marks.mark(desk.talk, "", MarkKind.TAG, "彩礼", by)
        await marks.mark(desk.talk, "", MarkKind.NOTE, "她叫王小花，再看看", by)
    assert sorted(row.kind.value for row in await desk.work.rows(ReviewMark)) == ["flag", "note", "note", "tag"]
    assert all("王小花" not in row.text for row in await desk.work.rows(ReviewMark))
    read = await desk.read(desk.zhao)
    assert read.tags == ("彩礼",)
    note = next(one for one in read.marks if one.kind is MarkKind.NOTE)
    with pytest.raises(NotFound):
        await marks.unmark(desk.talk, note.id, desk.li)
    tag = next(one for one in read.marks if one.kind is MarkKind.TAG)
    await marks.unmark(desk.talk, tag.id, desk.zhao)
    assert sorted(row.kind.value for row in await desk.work.rows(ReviewMark)) == ["flag", "note", "note"]


async def test_what_she_writes_after_a_review_is_news(desk: Reviewers) -> None:
    await desk.desk.marks.set_reviewed(desk.talk, desk.li, done=True)
    assert (await desk.read(desk.li)).news is False
    desk.work.clock.pass_by(minutes=5)
    await desk.work.say("还有孩子归谁")
    assert (await desk.read(desk.li)).news is True
    await desk.desk.marks.set_reviewed(desk.talk, desk.li, done=True)
    await desk.desk.marks.set_reviewed(desk.talk, desk.zhao, done=True)
    assert (await desk.read(desk.li)).reviewed_by == 2
    await desk.desk.marks.set_reviewed(desk.talk, desk.li, done=False)
    assert (await desk.read(desk.li)).reviewed_at is None


async def test_a_case_is_opened_for_the_officer_on_duty_and_the_woman_is_told_nothing(work: Casework) -> None:
    officer = await work.hire("张敏", COMMUNITY)
    desk = await Reviewers(work).begin("我住柳林第一社区，孩子三天没吃饭了")
    told = await work.told_texts()
    await desk.judge(desk.li, Judgement("report_child_danger", Topic.CHILD, RiskLevel.EMERGENCY, ()))
    assert await desk.desk.marks.send_to_officer(desk.talk, "孩子没人管，电话13800000000", desk.li) is True
    case = await work.case()
    assert (case.reason, case.status, case.level.value) == (OpenReason.REVIEW, CaseStatus.ALERTED, "red")
    assert case.need.startswith("质检员：孩子没人管")
    assert "13800000000" not in case.need
    assert await work.alerted() == officer.name
    assert await work.told_texts() == told
    assert await work.owner() == Owner.BOT
    assert [deed.act for deed in work.audit.deeds] == [Act.CASE_OPENED]  # type: ignore[union-attr]


async def test_where_a_case_is_open_the_words_are_added_to_it(work: Casework) -> None:
    await work.taken()
    desk = await Reviewers(work).begin()
    assert await desk.desk.marks.send_to_officer(desk.talk, "她说到房子", desk.li) is False
    case = await work.case()
    assert case.need.startswith("质检员：她说到房子")
    assert await work.count(Case) == 1
    assert (await work.acts())[-1] == "edited"


async def test_a_talk_is_kept_as_a_test_and_written_as_a_story(work: Casework) -> None:
    desk = await Reviewers(work).begin(SAYS, "孩子归谁")
    await desk.judge(desk.li, RIGHT)
    assert await desk.desk.tests.keep(desk.talk, "问离婚后问孩子，王小花女士", desk.li) == 2
    [kept] = await desk.desk.tests.every()
    written = story_file(kept)
    assert read_story(written) == [
        (kept.name, [(MASKED, "ask_divorce", "none"), ("孩子归谁", "chitchat", "none")]),
    ]
    assert "王小花" not in written
    assert "- place: 南开区" in written
    await desk.desk.tests.drop(desk.talk, desk.zhao)
    assert await desk.desk.tests.every() == []


async def test_a_test_wants_a_name_and_every_step_understood(desk: Reviewers) -> None:
    with pytest.raises(BadInput, match="名字"):
        await desk.desk.tests.keep(desk.talk, "  ", desk.li)
    await desk.judge(desk.li, Judgement(new_intent_wish="问转学"))
    with pytest.raises(BadInput, match="意图"):
        await desk.desk.tests.keep(desk.talk, "转学", desk.li)


async def test_with_her_conversation_everything_about_it_goes(desk: Reviewers) -> None:
    line = await desk.line(desk.li)
    await desk.judge(desk.li, RIGHT)
    await desk.desk.marks.mark(desk.talk, line.id, MarkKind.NOTE, "想离婚", desk.li)
    await desk.desk.marks.set_reviewed(desk.talk, desk.li, done=True)
    await desk.desk.tests.keep(desk.talk, "离婚", desk.li)
    async with desk.work.database.write() as session:
        [row] = await session.scalars(Conversation.__table__.select().with_only_columns(Conversation.id))
        await session.execute(Conversation.__table__.delete().where(Conversation.id == row))
    for table in (Correction, ReviewMark, Reviewed, DialogueTest):
        assert await desk.work.count(table) == 0


async def test_a_long_talk_is_read_in_pages(work: Casework) -> None:
    desk = await Reviewers(work).begin(*(f"第{number}句" for number in range(53)))
    first = await desk.read(desk.li)
    assert (first.earlier, sum(line.can_be_judged for line in first.lines)) == ("", 50)
    assert first.lines[-1].text == "答:第49句"
    second = await desk.desk.reading.talk(desk.talk, desk.li, first.later)
    assert [line.text for line in second.lines] == [
        words for number in range(50, 53) for words in (f"第{number}句", f"答:第{number}句")
    ]
    assert (second.later, second.earlier) == ("", next(line.id for line in first.lines if line.can_be_judged))
