"""The words for danger: numbers first, short, blaming nobody, never telling one who struck where she is."""

from pathlib import Path

import pytest
import yaml

from bot.domain.risk import Risk, RiskKind, RiskLevel, Scene
from bot.language.risk import read_risk
from bot.services.safety import SafetyWords

FOLDER = Path(__file__).resolve().parents[2] / "data" / "safety"
TEXTS = {name: entry["text"] for name, entry in yaml.safe_load((FOLDER / "words.yml").read_text("utf-8")).items()}
NUMBERS = yaml.safe_load((FOLDER / "numbers.yml").read_text("utf-8"))["numbers"]
SAFE = ("写字安全吗", "现在安全吗", "身边有人吗", "有大人吗", "身边有人吗")
WORDS = SafetyWords.load()
LEVELS = [RiskLevel.WATCH, RiskLevel.URGENT, RiskLevel.EMERGENCY]
each_text = pytest.mark.parametrize(("name", "text"), TEXTS.items())


@pytest.mark.parametrize("kind", RiskKind)
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("scene", [None, *Scene])
@pytest.mark.parametrize(("other", "child"), [(False, False), (True, False), (False, True)])
def test_there_are_words_for_every_danger(
    kind: RiskKind, level: RiskLevel, scene: Scene | None, other: bool, child: bool
) -> None:
    assert WORDS.reply(Risk(level, kind, (), other, child, scene)).text


@each_text
def test_the_first_line_names_a_number(name: str, text: str) -> None:
    wanted = ("110", "120", "12356", "12338", "12355")
    assert any(number in text.splitlines()[0] for number in wanted)


@each_text
def test_where_a_life_is_in_danger_the_police_or_the_ambulance_come_first(name: str, text: str) -> None:
    if "emergency" in name:
        first = text.splitlines()[0]
        assert min(first.find(n) for n in ("110", "120") if n in first) < 16
        assert text.index("110") < 60


@each_text
def test_the_words_are_short_enough_for_a_telephone(name: str, text: str) -> None:
    assert len(text.splitlines()) <= 6
    assert len(text.replace("\n", "")) <= 160
    assert max(map(len, text.splitlines())) <= 80


@each_text
def test_at_most_one_question_is_asked(name: str, text: str) -> None:
    assert text.count("？") - text.count("？”") - text.count("吗”") <= 1


@each_text
def test_nobody_is_blamed_and_nothing_is_named_that_another_reader_should_not_see(name: str, text: str) -> None:
    for word in ("家暴", "为什么不", "早就该", "你应该", "您应该", "何必", "怎么不早"):
        assert word not in text


@each_text
def test_every_number_is_one_of_ours_and_what_is_not_confirmed_is_said_so(name: str, text: str) -> None:
    known = {entry["number"] for entry in NUMBERS.values()}
    found = {word for word in "".join(c if c.isdigit() else " " for c in text).split() if len(word) >= 3}
    assert found <= known
    if NUMBERS["police_sms"]["number"] in text:
        assert "没核实" in text


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("scene", [None, *Scene])
def test_one_who_struck_is_never_pointed_to_a_place(level: RiskLevel, scene: Scene | None) -> None:
    reply = WORDS.reply(Risk(level, RiskKind.PERPETRATOR, scene=scene))
    assert not reply.choices
    for word in ("庇护", "妇女之家", "她在", "地址"):
        assert word not in reply.text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("他正在打我", "violence_emergency"),
        ("我闺女现在被她男人打呢", "violence_emergency_other"),
        ("我不方便说话，他就在旁边", "violence_emergency_silent"),
        ("有个人跟了我三条街，现在我躲在便利店不敢出去", "violence_emergency_stalked"),
        ("他把我反锁在家里", "violence_emergency_captive"),
        ("老公经常打我", "violence_urgent"),
        ("我站在楼顶不想活了", "suicide_emergency"),
        ("我不想活了，我上初二", "suicide_urgent_child"),
        ("朋友说想轻生怎么劝", "suicide_urgent_other"),
        ("爸爸在打妈妈，我躲在衣柜里", "child_emergency_child"),
        ("有时候想把孩子捂住，就不哭了", "child_urgent_mother"),
        ("保姆打我家宝宝", "child_urgent"),
        ("我昨晚被强奸了", "sexual_urgent"),
        ("我昨天打了我老婆", "perpetrator_urgent"),
    ],
)
def test_the_words_fit_who_speaks_and_of_what(text: str, wanted: str) -> None:
    assert WORDS.reply(read_risk(text)).text == TEXTS[wanted].strip()


def test_links_dial() -> None:
    reply = WORDS.reply(Risk(RiskLevel.EMERGENCY, RiskKind.VIOLENCE))
    assert [link.url for link in reply.links] == ["tel:110", "tel:120", "tel:12338"]
