"""What she says of the federation at her work, and everything that only sounds like it."""

import pytest

from bot.domain.federations import EVERY, FederationKind, WorkWish, kind_in, work_choice, work_payload
from bot.language.work_wishes import asks_of_work, keeps_from_work, wants_work


@pytest.mark.parametrize(
    "text",
    [
        "别让我单位知道",
        "別讓我們公司知道",  # traditional characters
        "千万别告诉我领导",
        "不要找我们厂里的人",
        "这事不想让单位的妇联插手",
        "甭通知我们学校",  # dialect of Tianjin
        "求你们不要转给我们系统的妇联，我领导就在里头",
        "能不能瞒着我单位",
        "不希望公司知道我怀孕了",
        "就怕单位知道",  # a fear is a wish here
    ],
)
def test_work_must_not_know(text: str) -> None:
    assert keeps_from_work(text)
    assert not wants_work(text)


@pytest.mark.parametrize(
    "text",
    [
        "找我单位的妇联",
        "我想让我们厂里的妇联来管",
        "帮我转给农业系统的妇联",
        "请商会妇联的人帮我",
        "换我们学校的妇委会来吧",
    ],
)
def test_she_wants_the_one_at_her_work(text: str) -> None:
    assert wants_work(text)
    assert not keeps_from_work(text)


@pytest.mark.parametrize(
    "text",
    [
        "单位不让我休产假",  # what was done to her
        "公司欠我三个月工资，我要找老板要钱",
        "我不想找单位的妇联",  # the contrary
        "要不要找单位的妇联",  # asks
        "他说别让单位知道",  # what he wants
        "老公让我别告诉单位",  # what he told her
        "别让我老公知道",  # a wish, but not of her work
        "单位里别人都知道了",
        "我们单位有妇联吗",  # asks whether there is one
        "不想找工作了",
        "谁管我们小区",
    ],
)
def test_what_is_no_wish_about_work(text: str) -> None:
    assert not wants_work(text)


@pytest.mark.parametrize(
    "text",
    [
        "单位不让我休产假",
        "他说别让单位知道",
        "老公让我别告诉单位",
        "别让我老公知道",
        "不想找工作了",
        "单位里别人都知道了",
    ],
)
def test_what_rules_no_work_out(text: str) -> None:
    assert not keeps_from_work(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("我们商会有妇联吗", FederationKind.CHAMBER),
        ("开发区妇联主席是谁", FederationKind.ZONE),
        ("众创空间里的妇联", FederationKind.SPACE),
        ("农业系统妇联谁管", FederationKind.SYSTEM),
        ("我们单位有妇联吗", FederationKind.COMPANY),
    ],
)
def test_which_kind_she_asks_about(text: str, kind: FederationKind) -> None:
    assert (kind_in(text), asks_of_work(text)) == (kind, True)


@pytest.mark.parametrize("text", ["谁管我们小区", "街道妇联主席是谁", "我们单位欠工资"])
def test_what_asks_about_no_work(text: str) -> None:
    assert not asks_of_work(text)


@pytest.mark.parametrize(
    ("payload", "choice"),
    [
        (work_payload("work", "abc-_9"), ("work", "abc-_9")),
        (work_payload("keep_away", EVERY), ("keep_away", EVERY)),
        ('/ask_who_is_in_charge{"seek":"work"}', None),  # for the assistant
        ('/ask_who_is_in_charge{"place":"120113001000"}', None),
        ('/ask_human{"work":"abc"}', None),
        (None, None),
    ],
)
def test_only_choices_about_work_are_the_desks(payload: str | None, choice: tuple[str, str] | None) -> None:
    assert work_choice(payload) == choice


A, B, BELOW = "a", "b", "below"


@pytest.mark.parametrize(
    ("acts", "chosen", "away"),
    [
        ([("work", A)], A, set()),
        ([("work", A), ("work", B)], B, set()),  # the last one
        ([("work", A), ("work", "none")], "", set()),
        ([("work", A), ("keep_away", A)], "", {A, BELOW}),  # with all below it
        ([("keep_away", A), ("work", A)], A, {BELOW}),
        ([("keep_away", EVERY), ("work", B)], B, set()),
        ([("work", B), ("keep_away", A)], B, {A, BELOW}),
        ([("work", B), ("keep_away", EVERY)], "", {EVERY}),
        ([("work", "gone")], "", set()),  # there is none of this name
    ],
)
def test_her_last_word_counts(acts: list[tuple[str, str]], chosen: str, away: set[str]) -> None:
    families = {A: frozenset({A, BELOW}), B: frozenset({B})}
    wish = WorkWish()
    for act, federation in acts:
        wish = wish.after(act, federation, families.get(federation, frozenset()))
    assert wish == WorkWish(chosen, frozenset(away))
