"""Suggestions: kept, sorted, merged, promised, told of once and quietly, and gone with her words when she wishes it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.domain.accounts import Role
from bot.domain.audit import Act
from bot.domain.errors import BadInput, BadRows, Conflict, NotFound, TooMany
from bot.domain.suggestions import SuggestionFilter, SuggestionStatus
from bot.language.places import Gazetteer
from bot.services.record_copy_files import as_html
from bot.services.sample_suggestions import ROWS, load_sample_suggestions
from bot.services.suggestion_categories import load_categories
from bot.services.suggestions import MOST_A_DAY, Suggestions
from bot.storage.audit import AuditEntry
from bot.storage.conversations import Conversation, OutboundMessage
from bot.storage.database import Database
from bot.storage.sealing import Keyring
from bot.storage.suggestions import Suggestion, SuggestionEvent, SuggestionPromise, SuggestionWords
from tests.conftest import Clock
from tests.integration.casework import DISTRICT, DIVISIONS, OTHER_TOWN, TOWN
from tests.integration.forgetting import Peopled, World, tables_with

ANY = SuggestionFilter()
NIGHT = "建议柳林街道的妇女之家晚上也开门"
DUE = date(2026, 12, 20)


@dataclass
class Asked(Peopled):
    """The services, and a world in which women write."""

    suggestions: Suggestions

    async def ask(self, text: str = NIGHT, sender: str = "她", **more: object) -> tuple[str, str]:
        """(conversation, suggestion)"""
        conversation = await self.woman(sender, str(more.pop("channel", "web")))
        return conversation, (await self.suggestions.receive(conversation, text, **more)).id  # type: ignore[arg-type]

    async def told(self) -> list[str]:
        rows = await self.world.work.rows(OutboundMessage)
        return [row.masked for row in rows if "回音" in row.masked]

    async def count(self, table: type) -> int:
        return await self.world.work.count(table)


@pytest.fixture
async def asked(database: Database, keyring: Keyring, clock: Clock) -> AsyncIterator[Asked]:
    world = World(database, keyring, clock)
    gazetteer = Gazetteer(DIVISIONS, {}, (), (), ())
    suggestions = Suggestions.furnish(
        database, keyring, gazetteer, load_categories(), world.audit, clock=clock, zone="Asia/Shanghai"
    )
    yield Asked(world, suggestions)
    await world.close()


async def test_it_is_kept_in_a_category_and_at_most_a_town(asked: Asked) -> None:
    conversation = await asked.woman()
    kept = await asked.suggestions.receive(conversation, "建议柳林第一社区装个电梯，孩子叫李小明")
    assert (kept.category, kept.area) == ("场地与设施", "北河区柳林街道")
    [row] = await asked.world.work.rows(Suggestion)
    assert row.area == TOWN
    [words] = await asked.world.work.rows(SuggestionWords)
    assert "李小明" not in words.masked


async def test_a_place_she_named_before_counts_when_she_names_none(asked: Asked) -> None:
    conversation = await asked.woman()
    kept = await asked.suggestions.receive(conversation, "建议安个路灯", place="120113002000")
    assert kept.area == "北河区石桥街道"
    assert (await asked.suggestions.receive(conversation, "建议多开手机课")).area == ""


async def test_without_a_wish_nothing_is_kept(asked: Asked) -> None:
    conversation = await asked.woman()
    assert (await asked.suggestions.receive(conversation, "我有个建议")).id == ""
    assert await asked.count(Suggestion) == 0


async def test_the_same_words_twice_or_at_once_are_one(asked: Asked) -> None:
    conversation = await asked.woman()
    kept = await asyncio.gather(*(asked.suggestions.receive(conversation, NIGHT) for _ in range(5)))
    assert len({one.id for one in kept}) == 1
    assert sorted(one.again for one in kept) == [False, True, True, True, True]
    assert await asked.count(Suggestion) == 1


async def test_a_pressed_guess_keeps_the_message_before_it(asked: Asked) -> None:
    await asked.world.work.say(NIGHT)
    await asked.world.work.say("1")
    async with asked.world.database.read() as session:
        conversation = await session.scalar(select(Conversation.public_id))
    kept = await asked.suggestions.receive(conversation or "", "")
    assert kept.id
    assert NIGHT[:8] in (await asked.suggestions.hers(conversation or ""))[0].words


async def test_one_conversation_cannot_fill_the_list(asked: Asked) -> None:
    conversation = await asked.woman()
    for number in range(MOST_A_DAY):
        await asked.suggestions.receive(conversation, f"建议在第{number}号楼装路灯")
    with pytest.raises(TooMany):
        await asked.suggestions.receive(conversation, "建议再装一盏路灯")


async def test_she_sorts_and_takes_back_only_her_own(asked: Asked) -> None:
    conversation, suggestion = await asked.ask()
    other = await asked.woman("别人")
    for act in (
        asked.suggestions.resort(other, suggestion, "hours"),
        asked.suggestions.withdraw(other, suggestion),
        asked.suggestions.resort(conversation, suggestion, "nowhere"),
    ):
        with pytest.raises(NotFound):
            await act
    assert await asked.suggestions.resort(conversation, suggestion, "hours") == "开放时间与办事"
    await asked.suggestions.withdraw(conversation, suggestion)
    assert await asked.count(Suggestion) == await asked.count(SuggestionWords) == 0


async def test_the_promise_is_told_once_quietly_and_says_nothing_of_it(asked: Asked) -> None:
    conversation, suggestion = await asked.ask()
    officer = await asked.officer()
    await asked.suggestions.desk.promise(suggestion, officer, "周二周四开到晚上八点", "柳林街道妇联", DUE)
    [told] = await asked.told()
    assert "开门" not in told
    assert "八点" not in told
    [hers] = await asked.suggestions.hers(conversation)
    assert hers.state == "柳林街道妇联答应：周二周四开到晚上八点，12月20日以前"
    await asked.suggestions.desk.done(suggestion, officer, "从今天起开到晚上八点")
    [hers] = await asked.suggestions.hers(conversation)
    assert hers.state == "办好了：从今天起开到晚上八点"
    with pytest.raises(Conflict):
        await asked.suggestions.desk.done(suggestion, officer, "又办了一次")
    assert len(await asked.told()) == 2
    [promise] = await asked.world.work.rows(SuggestionPromise)
    assert promise.done_at is not None


async def test_no_phone_rings_for_it(asked: Asked) -> None:
    _, suggestion = await asked.ask(channel="wechat")
    await asked.suggestions.desk.decline(suggestion, await asked.officer(), "没有这笔钱，可以先用礼堂")
    [row] = [row for row in await asked.world.work.rows(OutboundMessage) if "回音" in row.masked]
    assert (row.failure, row.next_attempt_at) == ("not_agreed", None)
    await asked.world.work.late.deliver_due()
    assert asked.world.work.wechat.sent == []


async def test_of_two_officers_at_once_one_answers(asked: Asked) -> None:
    _, suggestion = await asked.ask()
    one, other = await asked.officer(), await asked.officer()
    done = await asyncio.gather(
        asked.suggestions.desk.done(suggestion, one, "办好了"),
        asked.suggestions.desk.decline(suggestion, other, "办不了"),
        return_exceptions=True,
    )
    assert [type(result) for result in done].count(Conflict) == 1
    assert len(await asked.told()) == 1


async def test_alike_ones_are_shown_and_merging_keeps_every_voice(asked: Asked) -> None:
    first_woman, first = await asked.ask(NIGHT, "甲")
    second_woman, second = await asked.ask("希望石桥街道的妇女之家晚上也能开门", "乙")
    await asked.ask("路口装个红绿灯", "丙", place="120113000000")
    officer = await asked.officer()
    sheet = await asked.suggestions.desk.one(first, officer)
    assert [other for other, _ in sheet.alike] == [second]
    await asked.suggestions.desk.merge(second, first, officer)
    sheet = await asked.suggestions.desk.one(second, officer)
    assert (sheet.entry.id, sheet.entry.voices, sheet.entry.area) == (first, 2, DISTRICT)
    await asked.suggestions.desk.promise(first, officer, "两个街道都开", "北河区妇联", DUE)
    assert len(await asked.told()) == 2
    for woman in (first_woman, second_woman):
        [hers] = await asked.suggestions.hers(woman)
        assert "两个街道都开" in hers.state
        assert hers.others
    with pytest.raises(BadInput):
        await asked.suggestions.desk.merge(second, first, officer)
    await asked.suggestions.desk.split(second, officer)
    assert (await asked.suggestions.hers(second_woman))[0].status is SuggestionStatus.RECEIVED


async def test_two_who_merge_crosswise_leave_one_group(asked: Asked) -> None:
    _, first = await asked.ask(NIGHT, "甲")
    _, second = await asked.ask("建议柳林街道的妇女之家周末也开门", "乙")
    officer = await asked.officer()
    desk = asked.suggestions.desk
    done = await asyncio.gather(
        desk.merge(first, second, officer), desk.merge(second, first, officer), return_exceptions=True
    )
    assert [type(result) for result in done].count(BadInput) == 1
    heads = [row for row in await asked.world.work.rows(Suggestion) if row.merged_into_id is None]
    assert len(heads) == 1


async def test_an_officer_sees_her_branch_and_no_complaints(asked: Asked) -> None:
    _, here = await asked.ask(NIGHT, "甲")
    _, complaint = await asked.ask("柳林街道妇女之家的人骂我", "乙", complaint=True)
    _, nowhere = await asked.ask("建议多开手机课", "丙")
    desk = asked.suggestions.desk

    async def sees(area: str, role: Role = Role.OFFICER) -> set[str]:
        officer = await asked.officer(area, role)
        seen = {one.id for one in await desk.page(officer, ANY)}
        for one in (here, complaint, nowhere):
            assert await desk.may_see(one, officer) is (one in seen)
            if one not in seen:
                with pytest.raises(NotFound):
                    await desk.one(one, officer)
                with pytest.raises(NotFound):
                    await desk.done(one, officer, "办好了")
        return seen

    assert await sees(TOWN) == {here}
    assert await sees(OTHER_TOWN) == set()
    assert await sees(DISTRICT) == {here, nowhere}
    assert await sees(TOWN, Role.SUPERVISOR) == {here}  # it is read above the town that it may be about
    assert await sees(DISTRICT, Role.SUPERVISOR) == {here, complaint, nowhere}
    with pytest.raises(NotFound):
        await desk.page(await asked.officer("", Role.REVIEWER), ANY)


async def test_overdue_promises_are_shown_counted_and_found(asked: Asked) -> None:
    conversation, suggestion = await asked.ask()
    officer, desk = await asked.officer(), asked.suggestions.desk
    await desk.promise(suggestion, officer, "开到晚上八点", "柳林街道妇联", desk.today)
    assert (await desk.figures(officer)).overdue == 0
    asked.world.clock.pass_by(days=1)
    assert (await desk.figures(officer)).overdue == 1
    [entry] = await desk.page(officer, SuggestionFilter(overdue=True))
    assert entry.overdue
    assert "还没办好" in (await asked.suggestions.hers(conversation))[0].state
    await desk.promise(suggestion, officer, "下个月开", "柳林街道妇联", desk.today + timedelta(days=30))
    assert (await desk.figures(officer)).overdue == 0
    assert (await desk.counts(officer)) == {("hours", "promised"): 1}
    assert (await desk.figures(officer)).received == "少于5"


@pytest.mark.parametrize("words", ["请找13912345678", "", "字" * 301])
async def test_what_goes_to_everybody_tells_of_nobody(asked: Asked, words: str) -> None:
    _, suggestion = await asked.ask()
    officer, desk = await asked.officer(), asked.suggestions.desk
    for act in (
        desk.promise(suggestion, officer, words, "妇联", DUE),
        desk.done(suggestion, officer, words),
        desk.decline(suggestion, officer, words),
    ):
        with pytest.raises(BadInput):
            await act
    assert await asked.told() == []


async def test_the_public_page_has_officers_words_only_and_no_complaints(asked: Asked) -> None:
    _, suggestion = await asked.ask("建议柳林街道紫貂皮帽子店门口装灯")
    _, complaint = await asked.ask("柳林街道的人骂我", "乙", complaint=True)
    officer, desk = await asked.officer(role=Role.SUPERVISOR), asked.suggestions.desk
    assert await asked.suggestions.public() == []
    await desk.publish(suggestion, officer, "柳林街道装路灯", shown=True)
    [line] = await asked.suggestions.public(DISTRICT)
    assert (line.wording, line.voices, line.area) == ("柳林街道装路灯", "少于5", "北河区")
    assert await asked.suggestions.public("120114") == []
    for wrong in (
        desk.publish(complaint, officer, "有人骂人", shown=True),
        desk.publish(suggestion, officer, "", shown=True),
    ):
        with pytest.raises(BadInput):
            await wrong
    await desk.publish(suggestion, officer, "柳林街道装路灯", shown=False)
    assert await asked.suggestions.public() == []


async def test_every_promise_and_end_stands_in_the_audit_log(asked: Asked) -> None:
    _, suggestion = await asked.ask()
    officer, desk = await asked.officer(), asked.suggestions.desk
    await desk.publish(suggestion, officer, "晚上开门", shown=True)
    await desk.promise(suggestion, officer, "开到晚上八点", "柳林街道妇联", DUE)
    await desk.done(suggestion, officer, "办好了")
    async with asked.world.database.read() as session:
        acts = (await session.scalars(select(AuditEntry.act).order_by(AuditEntry.sequence))).all()
    assert list(acts) == [Act.SUGGESTION_PUBLISHED, Act.SUGGESTION_PROMISED, Act.SUGGESTION_DONE]


async def test_forgetting_her_takes_her_words_and_leaves_the_promise(asked: Asked) -> None:
    conversation, suggestion = await asked.ask("建议柳林街道紫貂皮帽子店门口装灯")
    officer, desk = await asked.officer(), asked.suggestions.desk
    await desk.promise(suggestion, officer, "装四盏灯", "柳林街道妇联", DUE)
    assert await tables_with(asked.world.database, asked.world.keyring, "紫貂皮帽子")
    records = await asked.world.copies.for_office(conversation, "本人到场申请")
    assert [one.status for one in records.suggestions] == ["已答应，在办"]
    assert "提过的建议" in as_html(records)
    assert "您提过的建议" in (await asked.world.privacy.outlook(conversation)).stays
    await asked.world.forget(conversation)
    assert await tables_with(asked.world.database, asked.world.keyring, "紫貂皮帽子") == set()
    [row] = await asked.world.work.rows(Suggestion)
    assert (row.conversation_id, row.status) == (None, SuggestionStatus.PROMISED)
    await desk.done(suggestion, officer, "装好了")  # nobody is left to be told, and nothing fails
    [entry] = await desk.page(officer, ANY)
    assert entry.words == ""


async def test_settled_ones_go_when_they_were_kept_long_enough(asked: Asked) -> None:
    _, settled = await asked.ask(NIGHT, "甲")
    _, merged = await asked.ask("希望柳林街道的妇女之家周末也开门", "乙")
    await asked.ask("建议柳林街道装路灯", "丙")
    officer, desk = await asked.officer(), asked.suggestions.desk
    await desk.merge(merged, settled, officer)
    await desk.done(settled, officer, "办好了")
    asked.world.clock.pass_by(days=1094)
    await asked.world.retention.run()
    assert await asked.count(Suggestion) == 3
    asked.world.clock.pass_by(days=2)
    await asked.world.retention.run()
    assert await asked.count(Suggestion) == 1
    assert await asked.count(SuggestionEvent) == 1


async def test_sample_rows_are_marked_and_go_when_a_real_list_comes(asked: Asked) -> None:
    gazetteer = Gazetteer(DIVISIONS, {}, (), (), ())
    for _ in range(2):
        await load_sample_suggestions(
            asked.world.database, gazetteer, load_categories(), clock=asked.world.clock, zone="Asia/Shanghai"
        )
    rows = await asked.world.work.rows(Suggestion)
    assert len(rows) == len(ROWS)
    assert all(row.synthetic and row.wording.startswith("（示例）") for row in rows)
    officer = await asked.officer()
    assert (await asked.suggestions.desk.figures(officer)).overdue == 1
    sheet = "内容,地区\n多开手机课,柳林街道\n".encode()
    assert await asked.suggestions.desk.sheets.put_in(officer, "旧.csv", sheet) == (1, 0)
    assert await asked.count(Suggestion) == 1


async def test_of_a_sheet_all_rows_come_in_or_none(asked: Asked) -> None:
    officer = await asked.officer(TOWN)
    sheet = "内容,类别,地区,几人提,状态,收到日期\n" + "\n".join(
        [
            "多开手机课,活动与培训,柳林街道,12,,2026-11-01",
            "多开手机课,没有的类,柳林街道,,,",
            "多开手机课,,石桥街道,,,",
            "多开手机课,,,0,,",
            "多开手机课,,,,办好了,",
            "多开手机课,,,,,2027-01-01",
            ",,,,,2026-01-01",
        ]
    )
    with pytest.raises(BadRows) as wrong:
        await asked.suggestions.desk.sheets.put_in(officer, "旧.csv", sheet.encode())
    assert [line for line, _ in wrong.value.rows] == [3, 4, 5, 6, 7, 8]
    assert await asked.count(Suggestion) == 0
