"""What WeChat shows: nothing longer than it takes, nothing lost, nothing torn."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat.text import LIMIT, flatten, join, split
from bot.domain.messages import Author, Choice, Link, Message, PlaceCard, Reply

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


@given(st.text(alphabet=st.sampled_from("我他。，！\n 12338a/:.😀"), max_size=3000))
def test_parts_fit_and_nothing_is_lost(text: str) -> None:
    parts = split(text)
    assert "".join(parts) == text
    assert all(len(part.encode()) <= LIMIT for part in parts)


@given(st.lists(st.text(alphabet="字句。12338\n", min_size=1, max_size=900), max_size=6))
def test_joined_parts_keep_their_order_and_their_size(texts: list[str]) -> None:
    parts = join(texts)
    assert all(len(part.encode()) <= LIMIT for part in parts)
    assert "".join(parts).replace("\n", "") == "".join(texts).replace("\n", "")


def test_a_number_and_an_address_are_never_torn() -> None:
    text = "字" * 680 + "请打12338或看https://example.org/a?b=c" + "字" * 300
    assert sum("12338" in part for part in split(text)) == 1
    assert sum("https://example.org/a?b=c" in part for part in split(text)) == 1


def test_choices_places_and_links_become_lines() -> None:
    reply = Reply(
        "您要找哪个？",
        choices=(Choice("和平区", "/x", "id", 1), Choice("河西区", "/y", "id", 2)),
        links=(Link("报警 110", "tel:110"),),
        places=(
            PlaceCard(
                "1", "某社区妇女之家（示例）", "（示例地址）", 1234, True, "12338", hours_today="今天 9:00–17:00"
            ),
        ),
    )
    text = flatten(Message("m", Author.BOT, reply, NOW))
    assert "1. 和平区\n2. 河西区\n（回复数字即可）" in text
    assert "【1】某社区妇女之家（示例） · 约 1.2 公里" in text
    assert "报警 110" in text
    assert "/x" not in text
