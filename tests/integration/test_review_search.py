"""Finding conversations by the words and the marks of their messages, on both databases."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update

from bot.domain.accounts import Officer, Role
from bot.domain.case_topics import CaseLevel, Topic
from bot.domain.cases import Helped, OpenReason
from bot.domain.messages import Author, Owner, Reply, Understanding
from bot.domain.review_filter import ReviewFilter, Whose, read_filter
from bot.domain.worth_a_look import Reason
from bot.language.masking import mask
from bot.services.review import Review
from bot.storage import message_search
from bot.storage.cases import Case
from bot.storage.conversations import Conversation, InboundMessage, OutboundMessage
from bot.storage.database import Database
from bot.storage.message_search import MessageSearch
from bot.storage.review_entries import ReviewEntry
from bot.storage.reviews import Reviewed
from bot.storage.turns import TurnStore
from tests.integration.conftest import Talk
from tests.integration.staffing import Staffed

CITY = ""
BEICHEN, HEXI = "120113", "120103"


def reviewer(area: str = CITY, role: Role = Role.REVIEWER, id: str = "r") -> Officer:
    return Officer(id, "r", "质检员", role, area, datetime.now(UTC))


@pytest.fixture
def review(talk: Talk) -> Review:
    return Review(talk.database, clock=talk.clock, zone="Asia/Shanghai")


async def found(review: Review, by: Officer | None = None, **wanted: object) -> list[str]:
    """The lines of what is found."""
    page = await review.find(by or reviewer(), ReviewFilter(**wanted))  # type: ignore[arg-type]
    return [row.line for row in page.rows]


async def talk_of(talk: Talk, sender: str) -> Conversation:
    async with talk.database.read() as session:
        known = await TurnStore(session, talk.keyring).conversation_of("web", "main", sender)
    assert known is not None
    return known


async def add_case(talk: Talk, sender: str, **more: object) -> None:
    known = await talk_of(talk, sender)
    now = talk.clock()
    fields = {
        "level": CaseLevel.ORANGE, "reason": OpenReason.ASKED, "due_at": now, "opened_at": now, "routing_since": now,
    }  # fmt: skip
    async with talk.database.write() as session:
        session.add(Case(conversation_id=known.id, **(fields | more)))


async def test_two_characters_of_either_side_are_found(talk: Talk, review: Review) -> None:
    await talk.say("丈夫总是冷暴力", sender="甲")
    await talk.say("想问产假几天", sender="乙")
    assert await found(review, text="暴力") == ["丈夫总是冷暴力"]
    assert await found(review, text="产假") == ["想问产假几天"]
    assert await found(review, text="产假", whose=Whose.OURS) == ["答:想问产假几天"]
    assert await found(review, text="答：", whose=Whose.HERS) == []
    assert await found(review, text="天") == ["想问产假几天"]


async def test_a_term_is_found_only_where_it_stands_in_one_piece(talk: Talk, review: Review) -> None:
    await talk.say("保护我，发个命令护令", sender="甲")
    await talk.say("人身保护令怎么办", sender="乙")
    assert await found(review, text="保护令", whose=Whose.HERS) == ["人身保护令怎么办"]
    assert await found(review, text="怎么 人身", whose=Whose.HERS) == ["人身保护令怎么办"]
    assert await found(review, text="怎么 命令") == []


async def test_what_masking_took_out_cannot_be_found(talk: Talk, review: Review) -> None:
    await talk.say("我叫王小花，电话13800000000", sender="甲")
    assert await found(review, text="小花") == []
    assert await found(review, text="1380") == []
    assert await found(review, text="[姓名]") == ["我叫［姓名］,电话［电话］"]


HOSTILE = [
    "%", "_", "%%", '"', '""', "*", "OR", "a OR b", "NEAR(", "NEAR/2", "NOT x", "AND", "x AND", "-a", "^a", ":", "grams:a",
    "'", "''; DROP TABLE message_words; --", "\\", "(", ")", "()", "{}", "<->", "&", "|", "!", "!a", ":*", "'a':*", "\0", "a\0b",
    "\ud800", "😀", "é", "  ", "\u3000", "\u200b", "a*b", "x" * 500, "家 " * 200, "0x1F", "12338", ":words", "%(x)s", "?",
]  # fmt: skip


@pytest.mark.parametrize("typed", HOSTILE)
async def test_a_hostile_query_finds_nothing_and_breaks_nothing(talk: Talk, review: Review, typed: str) -> None:
    await talk.say("家里的事", sender="甲")
    before = await found(review)
    await found(review, text=typed)
    await found(review, text=typed, whose=Whose.OURS)
    assert await found(review) == before


@pytest.mark.parametrize(
    ("typed", "hits"),
    [
        ("100%", True),  # a sign of LIKE is a sign of hers
        ("0%的", True),
        ("a_b", True),
        ("a%b", False),  # … and stands for nothing else
        ("A_B", True),  # small and capital letters are the same
        ("ａ＿ｂ", True),  # as are full-width ones
        ('"OR"', True),
        ("OR", True),
        ("N*", True),
        ("N**", False),
    ],
)
async def test_signs_of_query_languages_are_only_signs(talk: Talk, review: Review, typed: str, hits: bool) -> None:
    await talk.say('他100%的钱 a_b "OR" N*', sender="甲")
    assert bool(await found(review, text=typed, whose=Whose.HERS)) is hits


TEXT = st.text(
    alphabet=st.one_of(
        st.sampled_from('我你他打骂家暴离婚孩子的了，。？！％%_"*()[]［］ABCabc019 \n'),
        st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"),
    ),
    min_size=2,
    max_size=40,
)


async def test_whatever_two_neighbours_of_a_masked_text_find_it(database: Database, talk: Talk) -> None:
    loop = asyncio.get_running_loop()
    conversation = await talk.say("你好")
    assert conversation
    known = await talk_of(talk, "她")

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(written=TEXT, at=st.integers(0, 38))
    def every_pair_finds(written: str, at: int) -> None:
        masked = mask(written)
        pair = masked[at % max(1, len(masked) - 1) :][:2]
        job = asyncio.run_coroutine_threadsafe(_is_found(database, known.id, masked, pair), loop)
        assert job.result(30), (masked, pair)

    await asyncio.to_thread(every_pair_finds)


async def _is_found(database: Database, conversation: int, masked: str, pair: str) -> bool:
    """Put the text in place of the last one, and look for the pair."""
    async with database.write() as session:
        await session.execute(
            update(InboundMessage).where(InboundMessage.conversation_id == conversation).values(masked=masked)
        )
    async with database.read() as session:
        search = MessageSearch(session)
        wanted = search.wanted(pair, Whose.HERS)
        if wanted is None:
            return True  # blanks only
        by_index = await session.execute(search.conversations(wanted))
        by_reading = await session.scalars(
            select(InboundMessage.conversation_id).where(*search.holds(wanted, InboundMessage))
        )
        return conversation in by_index.scalars().all() and conversation in by_reading.all()


async def test_what_is_changed_or_deleted_is_found_no_more(talk: Talk, review: Review) -> None:
    await talk.say("他昨天又赌钱", sender="甲")
    await talk.say("赌钱的事", sender="乙")
    assert len(await found(review, text="赌钱")) == 2
    async with talk.database.write() as session:
        for table in (InboundMessage, OutboundMessage):
            await session.execute(
                update(table).where(table.conversation_id == (await talk_of(talk, "甲")).id).values(masked="")
            )
        await session.execute(delete(Conversation).where(Conversation.id == (await talk_of(talk, "乙")).id))
    assert await found(review, text="赌钱") == []
    async with talk.database.read() as session:
        left = await session.execute(text("SELECT count(*) FROM message_words"))
        assert left.scalar_one() == 2  # those of 甲, without words
        assert await session.scalar(text("SELECT count(*) FROM review_entries")) == 1


async def test_common_words_are_found_by_walking_the_conversations(
    talk: Talk, review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    for sender in "甲乙丙":
        talk.clock.pass_by(seconds=1)
        await talk.say(f"{sender}想离婚", sender=sender)
    rare = await found(review, text="离婚", whose=Whose.HERS)
    monkeypatch.setattr(message_search, "COMMON", -1)
    assert await found(review, text="离婚", whose=Whose.HERS) == rare == ["丙想离婚", "乙想离婚", "甲想离婚"]
    assert await found(review, text="离婚", topic=Topic.VIOLENCE) == []


async def test_every_filter_keeps_what_it_asks_for(talk: Talk, review: Review) -> None:
    talk.engine.intent = "ask_divorce"
    await talk.say("想离婚", sender="离婚")
    talk.clock.pass_by(days=2)
    talk.engine.intent = "nlu_fallback"
    await talk.say("嗯嗯", sender="没懂")
    await talk.say("啊啊", sender="没懂", message_id="2")
    talk.engine.intent = "greet"
    await talk.say("救命他正在打我", sender="危险", channel="wechat")
    await talk.say("您好", sender="个案")
    await add_case(talk, "个案", area=HEXI, topic=Topic.WORK, helped=Helped.NO)

    async def lines(**wanted: object) -> set[str]:
        return set(await found(review, **wanted))

    assert await lines() == {"想离婚", "嗯嗯", "救命他正在打我", "您好"}
    assert await lines(topic=Topic.MARRIAGE) == {"想离婚"}
    assert await lines(topic=Topic.WORK) == {"您好"}
    assert await lines(intent="ask_divorce") == {"想离婚"}
    assert await lines(intent="ask_divorc_") == set()
    assert await lines(fallback=True) == {"嗯嗯"}
    assert await lines(shortest=2) == {"嗯嗯"}
    assert await lines(longest=1) == {"想离婚", "救命他正在打我", "您好"}
    assert await lines(channel="wechat") == {"救命他正在打我"}
    assert await lines(**vars_of("risk=urgent")) == {"救命他正在打我"}
    assert await lines(handed_over=True) == await lines(unhelped=True) == await lines(area=HEXI) == {"您好"}
    assert await lines(handed_over=False, fallback=False) == {"想离婚", "救命他正在打我"}
    assert await lines(**vars_of("since=2026-11-26")) == {"嗯嗯", "救命他正在打我", "您好"}
    assert await lines(**vars_of("until=2026-11-25")) == {"想离婚"}
    assert await lines(**vars_of("band=high")) == {"想离婚", "嗯嗯", "您好"}
    assert await lines(**vars_of("band=low")) == set()


def vars_of(written: str) -> dict[str, object]:
    wanted = read_filter(dict([written.split("=")]))
    return {name: value for name in wanted.__slots__ if (value := getattr(wanted, name)) not in (None, "")}


async def test_what_waits_for_an_answer_is_marked_until_it_has_one(talk: Talk, review: Review) -> None:
    talk.engine.down = True
    await talk.say("有人吗", sender="甲")
    assert await found(review, unanswered=True) == ["有人吗"]
    talk.engine.down = False
    talk.clock.pass_by(minutes=10)
    await talk.late.answer_open_turns()
    assert await found(review, unanswered=True) == []


async def test_who_waits_for_a_person_waits_until_a_person_wrote(talk: Talk, review: Review) -> None:
    await talk.say("你好", sender="甲")
    known = await talk_of(talk, "甲")
    async with talk.database.write() as session:
        await session.execute(update(Conversation).where(Conversation.id == known.id).values(owner=Owner.OFFICER))
    await talk.say("您还在吗", sender="甲", message_id="2")
    assert await found(review, unanswered=True) == ["你好"]
    async with talk.database.write() as session:
        await TurnStore(session, talk.keyring).say(
            known.id, [Reply("我们会提醒您")], now=talk.clock(), masked=["我们会提醒您"]
        )
    assert await found(review, unanswered=True) == ["你好"]
    async with talk.database.write() as session:
        await TurnStore(session, talk.keyring).say(
            known.id, [Reply("在的")], now=talk.clock(), masked=["在的"], author=Author.OFFICER
        )
    assert await found(review, unanswered=True) == []


async def test_a_branch_sees_its_own_and_what_no_place_is_known_of(talk: Talk, review: Review) -> None:
    for sender, area in (("北辰的", BEICHEN + "007"), ("河西的", HEXI), ("不知道的", "")):
        await talk.say(sender, sender=sender)
        await add_case(talk, sender, area=area)
    assert set(await found(review, reviewer(BEICHEN))) == {"北辰的", "不知道的"}
    assert set(await found(review, reviewer(BEICHEN), text="的", whose=Whose.HERS)) == {"北辰的", "不知道的"}
    assert await found(review, reviewer(BEICHEN), area=HEXI) == []
    worth, _ = await review.worth_a_look(reviewer(BEICHEN))
    assert "河西的" not in {look.listed.line for look in worth}
    assert len(await found(review)) == 3


async def test_pages_follow_each_other_without_a_gap_or_a_repeat(talk: Talk, review: Review) -> None:
    async with talk.database.write() as session:
        store = TurnStore(session, talk.keyring)
        for number in range(120):
            talk.clock.pass_by(seconds=number % 3 == 0)  # many at the same moment
            made = await store.begin("web", "main", f"她{number}", talk.clock())
            session.add(
                ReviewEntry(
                    conversation_id=made.id, channel="web", first_at=talk.clock(), last_at=talk.clock(),
                    reasons=number % 4,
                )
            )  # fmt: skip
    for listed, total in ((_all_pages(review), 120), (_all_worth(review), 90)):
        rows = await listed
        assert len(rows) == len(set(rows)) == total


async def _all_pages(review: Review) -> list[str]:
    names, after = [], ""
    while True:
        page = await review.find(reviewer(), ReviewFilter(), after)
        names += [row.conversation for row in page.rows]
        if not (after := page.after):
            return names


async def _all_worth(review: Review) -> list[str]:
    names, after = [], ""
    while True:
        found, after = await review.worth_a_look(reviewer(), after)
        names += [look.listed.conversation for look in found]
        if not after:
            return names


async def test_what_is_worth_a_look_says_why_and_leaves_when_it_was_looked_at(
    talk: Talk, review: Review, staffed: Staffed
) -> None:
    talk.engine.intent = "nlu_fallback"
    await talk.say("魑魅魍魉饕餮", sender="甲")
    talk.engine.understood = Understanding("ask_divorce", 0.4, (("ask_divorce", 0.4), ("ask_custody", 0.35)))
    await talk.say("孩子和他", sender="乙")
    looks, _ = await review.worth_a_look(reviewer())
    said = {look.listed.line: dict(look.reasons) for look in looks}
    assert said["魑魅魍魉饕餮"] == {Reason.FALLBACK: "「魑魅魍魉饕餮」", Reason.NEW_WORDS: "「魑魅魍魉饕餮」"}
    assert said["孩子和他"][Reason.NEAR] == "问离婚 0.40，问抚养权、抚养费 0.35"
    account = await staffed.hire("zhaoyun", Role.REVIEWER, "")
    known = await talk_of(talk, "甲")
    async with talk.database.write() as session:
        session.add(Reviewed(conversation_id=known.id, reviewer_id=account, at=talk.clock()))
    assert [look.listed.line for look in (await review.worth_a_look(reviewer()))[0]] == ["孩子和他"]
    assert await found(review, reviewed=True) == ["魑魅魍魉饕餮"]
    assert await found(review, reviewed=False) == ["孩子和他"]
    talk.clock.pass_by(minutes=1)
    await talk.say("饕餮来了", sender="甲", message_id="2")
    assert await found(review, reviewed=True) == []
    assert len((await review.worth_a_look(reviewer()))[0]) == 2


async def test_one_detector_alone_is_a_reason(talk: Talk, review: Review) -> None:
    talk.engine.understood = Understanding("greet", 0.9, (("greet", 0.9), ("thank", 0.01)))
    await talk.say("他要是再打我，我就从楼上跳下去", sender="甲")
    looks, _ = await review.worth_a_look(reviewer())
    reasons = [dict(look.reasons) for look in looks]
    assert any(found.get(Reason.DISAGREE, "").startswith("只有规则认为危险") for found in reasons), reasons


async def test_a_filter_is_kept_by_name_for_her_alone(talk: Talk, review: Review, staffed: Staffed) -> None:
    hers, others = [
        replace(reviewer(), id=await staffed.hire(login, Role.REVIEWER, "")) for login in ("zhaoyun", "qianyi")
    ]
    await review.save(hers, " 离婚的 ", ReviewFilter(topic=Topic.MARRIAGE, fallback=False))
    await review.save(hers, "离婚的", ReviewFilter(topic=Topic.WORK))
    kept = await review.saved(hers)
    assert [(one.name, one.query) for one in kept] == [("离婚的", "topic=work")]
    assert await review.saved(others) == []
    await review.drop(others, kept[0].public_id)
    assert len(await review.saved(hers)) == 1
    await review.drop(hers, kept[0].public_id)
    assert await review.saved(hers) == []
