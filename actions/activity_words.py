"""How activities look in the talk: a line, a whole one, and the choices under them."""

from bot.domain.activities import TOPIC_WORDS, ActivityCard
from bot.services.activities import Mine

Button = dict[str, str]
MARKS = "①②③④⑤⑥"
HOME: Button = {"title": "找最近的妇女之家", "payload": '/find_place{"service_kind":"womens_home"}'}
OTHERS: Button = {"title": "看看别的活动", "payload": '/find_activity{"page":"0"}'}
MINE: Button = {"title": "看我报的活动", "payload": '/manage_activity{"mine":"list"}'}


def line(mark: str, card: ActivityCard) -> str:
    """「① 11月28日（周六）10:00–11:30 亲子手工（母婴与亲子）\\n　地点 · 给谁 · 还有 3 个名额 · 大约 1.2 公里 · 示例」"""
    parts = (where(card), card.audience, card.seats_words, away(card), "示例" if card.synthetic else "")
    return f"{mark} {card.when} {card.title}（{TOPIC_WORDS[card.topic]}）\n　{' · '.join(filter(None, parts))}"


def away(card: ActivityCard) -> str:
    """「大约 1.2 公里」, to the next hundred metres; "" where it is not known."""
    if card.distance_m is None:
        return ""
    metres = max(100, round(card.distance_m, -2))
    return f"大约 {metres} 米" if metres < 1000 else f"大约 {metres / 1000:.1f} 公里"


def where(card: ActivityCard) -> str:
    """「北辰区 集贤里街道 某某妇女之家二楼」"""
    return f"{card.area_words} {card.place}".strip()


def sign_up_button(title: str, card: ActivityCard) -> Button:
    """To the whole of one activity, where she signs up."""
    return join_button(title, card.id, "ask")


def join_button(title: str, activity: str, step: str) -> Button:
    """A step of signing up."""
    return {"title": title, "payload": f'/join_activity{{"activity":"{activity}","step":"{step}"}}'}


def told_words(mine: Mine) -> str:
    """What she will hear, and that she need not."""
    if mine.remind:
        return "前一天和有变动时会告诉您，话里不提是什么活动。"
    return "我不会主动给您发消息，想看随时说“我报的活动”。"


def details(card: ActivityCard) -> str:
    """Line by line; only lines that say something."""
    rows = (
        f"{card.title}（{TOPIC_WORDS[card.topic]}）{'【示例，请勿前往】' if card.synthetic else ''}",
        f"时间：{card.when}",
        f"地点：{where(card)}",
        f"给谁：{card.audience}" if card.audience else "",
        f"名额：{card.seats_words}",
        f"主办：{card.organizer}" if card.organizer else "",
        card.description,
    )
    return "\n".join(filter(None, rows))


def manage_button(title: str, mine: Mine, **more: str) -> Button:
    """Something about one of hers."""
    values = ",".join(f'"{name}":"{value}"' for name, value in {"sign_up": mine.id, **more}.items())
    return {"title": title, "payload": f"/manage_activity{{{values}}}"}


def give_up_button(title: str, mine: Mine) -> Button:
    """Asks once more before anything is lost."""
    return manage_button(title, mine, step="ask")
