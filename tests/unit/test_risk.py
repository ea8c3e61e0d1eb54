"""Danger is heard; what only sounds like it is not. By the reviewed rules alone; joining is in test_danger_joining.py."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.risk import RiskKind, RiskLevel, Scene
from bot.language.risk import read_risk, rules

EVALUATION = Path(__file__).resolve().parents[2] / "evaluation"
EXAMPLES_FOR = [(rule.id, text) for rule in rules() for text in rule.examples_for]
EXAMPLES_AGAINST = [(rule.id, text) for rule in rules() for text in rule.examples_against]
NONE, WATCH, URGENT, EMERGENCY = RiskLevel


@pytest.mark.parametrize(("rule", "text"), EXAMPLES_FOR)
def test_a_rule_speaks_where_it_should(rule: str, text: str) -> None:
    assert rule in read_risk(text).rules


@pytest.mark.parametrize(("rule", "text"), EXAMPLES_AGAINST)
def test_a_rule_is_silent_where_it_should_be(rule: str, text: str) -> None:
    assert rule not in read_risk(text).rules


def test_every_rule_has_a_name_of_its_own_and_examples_on_both_sides() -> None:
    assert len({rule.id for rule in rules()}) == len(rules())
    assert all(rule.examples_for and rule.examples_against for rule in rules())


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("他没打过我", NONE),  # never
        ("老公从来不打人", NONE),
        ("我没有被家暴，就是过不下去", NONE),
        ("他没掐我脖子", NONE),
        ("没被关起来，我能出门", NONE),
        ("他不打我就打孩子", URGENT),  # "if he does not beat me, he beats the child"
        ("他不是打我就是摔东西", URGENT),  # "either … or"
        ("没有证据，可他天天打我", URGENT),  # what is missing is the proof
        ("我没敢报警，他又打我了", URGENT),  # what she did not dare is to call
        ("不是第一次打我了", URGENT),
        ("我没想自杀，就是烦", NONE),
        ("我不是想死，就是想睡一觉", NONE),
    ],
)
def test_a_denial_silences_only_what_it_denies(text: str, level: RiskLevel) -> None:
    assert read_risk(text).level is level


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("他正在打我", EMERGENCY),
        ("他刚把我打了，鼻子流血不止", EMERGENCY),  # just now, and she bleeds
        ("以前只是骂，现在拿刀了", EMERGENCY),  # the past before, the present here
        ("昨天他打我，现在他又在砸门", EMERGENCY),
        ("我现在就在楼顶", EMERGENCY),
        ("他昨天打了我", URGENT),
        ("他以前打过我", URGENT),
        ("十年前他掐过我脖子", URGENT),
        ("去年他拿刀吓唬我", URGENT),
        ("我三年前吃过一瓶安眠药", URGENT),
        ("他天天打我", URGENT),  # a habit is not this moment
        ("他打了我三年，现在我想离婚", URGENT),  # "now" belongs to the divorce
    ],
)
def test_the_past_and_a_habit_are_no_emergency(text: str, level: RiskLevel) -> None:
    assert read_risk(text).level is level


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("什么是家暴", WATCH),  # knowledge: at most watched
        ("家暴会怎么判", WATCH),
        ("打老婆要判几年", WATCH),
        ("冷暴力属于家庭暴力吗", WATCH),
        ("如果他打我怎么办", WATCH),
        ("万一老公打我，我该找谁", WATCH),
        ("自杀保险赔不赔", NONE),
        ("如果以后结婚了老公敢打我，我立马离婚哈哈", NONE),  # a vow, not a fear
        ("要是领导敢骚扰我我就录音", NONE),
    ],
)
def test_a_question_in_general_is_at_most_watched(text: str, level: RiskLevel) -> None:
    assert read_risk(text).level is level


@pytest.mark.parametrize(
    ("text", "level", "other"),
    [
        ("我闺女被女婿打了", URGENT, True),
        ("邻居家又在打老婆，女的喊救命", EMERGENCY, True),
        ("我同事说她不想活了", URGENT, True),
        ("隔壁四岁男孩自己在家趴在窗户外面的护栏上", EMERGENCY, True),
        ("老公打我", URGENT, False),
        ("我女儿看见他打我", URGENT, False),  # she is the one who is beaten
    ],
)
def test_danger_of_another_is_told_apart(text: str, level: RiskLevel, other: bool) -> None:
    risk = read_risk(text)
    assert (risk.level, risk.other) == (level, other)


@pytest.mark.parametrize(
    "text",
    [
        "笑死我了",
        "累得要死要活",
        "这天热得要人命",
        "今天被领导骂死了",
        "堵车堵到想跳车",
        "被套牢了，股票跌得想跳楼",
        "公司年会抽奖我手气差到想死",
        "救命，这裙子也太美了",
        "救救我的盆栽吧叶子黄了",
        "我不想活成别人期待的样子",
        "打是亲骂是爱，我们老两口天天拌嘴",
        "被对面杀了八次",
        "孩子打完针有点低烧",
        "打掉孩子要男方签字吗",  # an abortion
        "菜刀钝了哪里能磨",
        "跨江大桥上风景真好",
        "保险受益人写谁，被保险人自杀赔不赔",
        "爸爸走了以后房子怎么过户",
    ],
)
def test_a_figure_of_speech_is_left_alone(text: str) -> None:
    assert read_risk(text).level is NONE


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("电视剧里男的打女的太气人", NONE),
        ("新闻里说有人跳楼了", NONE),
        ("小说里女主被绑架了", NONE),
        ("讲个段子：我老公说再买包就打断腿", NONE),  # a joke about her own husband
        ("社工考试题：家庭暴力的告诫书由谁出具", NONE),
        ("看了电视剧想起我老公也打我", URGENT),  # from the play to herself
        ("他说“打死你”，我好怕", URGENT),  # his words, her fear
        ("朋友圈有人写“再见了世界”，电话关机", EMERGENCY),  # quoted, and the writer is gone
    ],
)
def test_plays_and_quotes(text: str, level: RiskLevel) -> None:
    assert read_risk(text).level is level


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("在超市被保安打了，怎么赔", NONE),
        ("跟邻居吵架被他推倒骨折", NONE),
        ("同学打我儿子，学校不管", NONE),
        ("老公跟人打架被拘留了", NONE),  # he struck an outsider
        ("老公被人打了，对方要私了", NONE),  # an outsider struck him
        ("网贷催收说要杀我全家", NONE),
        ("工友打架把我打伤了算工伤吗", NONE),
        ("老公打我，还不让我告诉别人", URGENT),  # "others" are only told of
        ("我爱人在外面老实，关上门就打我，同事没一个相信", URGENT),
        ("邻居拿刀堵在我家门口，快来", EMERGENCY),  # a knife now is an emergency, whoever holds it
    ],
)
def test_disputes_with_strangers_are_another_matter(text: str, level: RiskLevel) -> None:
    assert read_risk(text).level is level


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("刚才是开玩笑的", NONE),
        ("说着玩的，别当真", NONE),
        ("刚才说他拿刀砍我是开玩笑的", NONE),  # believed
        ("我不是开玩笑，他真的拿刀砍我", EMERGENCY),  # 不是开玩笑 takes nothing back
        ("没开玩笑，我不想活了", URGENT),
        ("他打我还说是开玩笑", URGENT),  # his excuse, not hers
        ("不好意思打错了，救命他打我", EMERGENCY),  # mistyped before, meant now
        ("我现在安全了", NONE),
        ("警察来了把他带走了，我没事了", NONE),
        ("我安全了，可他说要杀我全家", URGENT),
        ("那个疯子追到我娘家了，正在院里砸车", EMERGENCY),  # at her mother's, and not safe
    ],
)
def test_a_joke_is_believed_and_safety_too(text: str, level: RiskLevel) -> None:
    assert read_risk(text).level is level


@pytest.mark.parametrize(
    "text",
    [
        "老公家抱我",
        "他打窝了",
        "老公那刀要砍我",
        "被加暴了怎么办",
        "他拿刀杀窝",
        "我想自sha",
        "媽媽被爸爸打，流了好多血",
        "他 打 我",
    ],
)
def test_slips_of_voice_and_finger_are_heard(text: str) -> None:
    assert read_risk(text).level.rank >= URGENT.rank


@pytest.mark.parametrize(
    ("text", "kind", "scene"),
    [
        ("他正在打我", RiskKind.VIOLENCE, None),
        ("我不方便说话，他就在旁边", RiskKind.VIOLENCE, Scene.SILENT),
        ("能不能给我寄个快递到我家，要两个男的来送", RiskKind.VIOLENCE, Scene.SILENT),
        ("前男友天天跟踪我", RiskKind.VIOLENCE, Scene.STALKED),
        ("他把我反锁在家里", RiskKind.VIOLENCE, Scene.CAPTIVE),
        ("我被骗到外地一个院子里，身份证被收了", RiskKind.VIOLENCE, Scene.CAPTIVE),
        ("有时候想把孩子捂住，就不哭了", RiskKind.CHILD, Scene.MOTHER),
        ("不想活了，安眠药在手边", RiskKind.SUICIDE, None),
        ("女儿被继父猥亵了", RiskKind.SEXUAL, None),
        ("我昨天打了我老婆", RiskKind.PERPETRATOR, None),
        (
            "我把老婆打晕了，她不醒",
            RiskKind.PERPETRATOR,
            None,
        ),  # an emergency, and still spoken to as the one who struck
        ("爸爸在打妈妈，我好怕", RiskKind.CHILD, None),  # a child speaks
    ],
)
def test_the_kind_and_the_scene(text: str, kind: RiskKind, scene: Scene | None) -> None:
    risk = read_risk(text)
    assert (risk.kind, risk.scene) == (kind, scene)


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("他从来没打过我", "no_violence"),
        ("电视剧里男的打女的", "told"),
        ("在夜市被几个醉汉打了", "stranger"),
        ("笑死了", "harmless"),
        ("刚才开玩笑的", "joke"),
    ],
)
def test_what_speaks_against_danger_is_told_to_the_joining(text: str, doubt: str) -> None:
    assert doubt in read_risk(text).doubts


def lines(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (EVALUATION / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("held_back", "missed_at_most", "emergencies_missed_at_most"),
    [
        (False, 1, 7),  # lines that rules were mended with
        (True, 7, 4),  # lines kept apart from mending
    ],
)
def test_danger_of_our_own_sets_is_heard(held_back: bool, missed_at_most: int, emergencies_missed_at_most: int) -> None:
    crisis = [line for line in lines("crisis.jsonl") if bool(line.get("held_back")) is held_back]
    found = {line["id"]: read_risk(line["text"]).level for line in crisis}
    missed = [number for number, level in found.items() if level is NONE]
    too_low = [line["id"] for line in crisis if line["risk"] == EMERGENCY and found[line["id"]] is not EMERGENCY]
    assert len(missed) <= missed_at_most, missed
    assert len(too_low) <= emergencies_missed_at_most, too_low


@pytest.mark.parametrize(("held_back", "cried_at_most"), [(False, 0), (True, 1)])
def test_hard_negatives_are_left_alone(held_back: bool, cried_at_most: int) -> None:
    negatives = [line for line in lines("hard_negatives.jsonl") if bool(line.get("held_back")) is held_back]
    cried = [line["id"] for line in negatives if read_risk(line["text"]).level is not NONE]
    assert len(cried) <= cried_at_most, cried


ORDINARY = "今天天气不错，我想问一下产假多少天，谢谢你们。"


@pytest.mark.parametrize("before", [0, 100, 500, 850])
def test_danger_anywhere_in_a_very_long_text_is_heard(before: int) -> None:
    text = ORDINARY * before + "他正在打我，救命。" + ORDINARY * (850 - before)
    assert len(text) > 19_000
    assert read_risk(text).level is EMERGENCY


WORDS = st.sampled_from("他她我打死老公刀不想活，。 孩子被没正在救命锁门楼跳药遗书笑…\n□A1")


@given(st.one_of(st.text(max_size=300), st.text(WORDS, max_size=300)))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_without_harm(text: str) -> None:
    risk = read_risk(text)
    assert (risk.level is NONE) == (risk.kind is None) == (not risk.rules)
