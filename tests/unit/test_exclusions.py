"""Whom she does not want, and everything that only sounds like it."""

import pytest

from bot.domain.offices import OfficeLevel
from bot.language.exclusions import read_exclusions

C, T, D = OfficeLevel.COMMUNITY, OfficeLevel.TOWN, OfficeLevel.DISTRICT


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("别找我们社区的人", {C}),
        ("别找我們社區的人", {C}),  # traditional characters
        ("千万别让居委会知道啊", {C}),
        ("不要告诉村里，他叔是村干部", {C}),
        ("甭找我们社区的，都认识他", {C}),  # dialect of Tianjin
        ("不想让街道的人插手", {T}),
        ("别通知街道办", {T}),
        ("不要转给街道", {T}),
        ("别找社区和街道", {C, T}),
        ("不想找区里的人，他哥在那上班", {D}),
        ("别找熟人，别找本地的人", {C, T}),  # the near ones
        ("别找认识我的人", {C, T}),
        ("别找我们社区的人，找区里的", {C, T}),  # and only the district
        ("我要市里的人", {C, T, D}),
        ("直接找区妇联", {C, T}),
        ("这事别跟居委会的大姐说，她嘴快", {C}),
    ],
)
def test_levels_that_she_rules_out(text: str, levels: set[OfficeLevel]) -> None:
    assert read_exclusions(text).levels == levels


@pytest.mark.parametrize(
    ("text", "surnames"),
    [
        ("别找王主任", {"王"}),
        ("不要让社区的李大姐知道", {"李"}),
        ("别让姓赵的插手", {"赵"}),
        ("不想跟刘书记说", {"刘"}),
        ("别找王主任，也别找张姐", {"王", "张"}),
    ],
)
def test_people_that_she_rules_out(text: str, surnames: set[str]) -> None:
    assert read_exclusions(text).surnames == surnames


@pytest.mark.parametrize(
    "text",
    [
        "帮我找社区的人",  # the contrary
        "社区的人来过了，没用",  # tells of them
        "别让我老公知道",  # a wish, but no officer is meant
        "别告诉我婆婆，她住社区旁边",
        "我不想住这个社区了",
        "村里不让我分地",  # a dispute about land, not a wish
        "他不让我找社区",  # what he does to her
        "社区的人让我别找街道",  # what they told her
        "他说别找社区，找也没用",  # what he said
        "能不能找区里的领导评评理",  # asks, and wishes nobody away
        "不找人了",
        "街道办怎么走",
        "要不要找社区的人",  # asks
        "可不可以让街道的人来",
        "特别想找社区的人",
        "别人都找社区的人",
        "别找了",
        "我不想离婚",
        "不要跟我说找社区调解",  # no wish about who reads it
        "",
    ],
)
def test_nobody_is_ruled_out(text: str) -> None:
    assert not read_exclusions(text)
