"""A judgement as the form of the reading page carries it."""

from sanic import Request

from bot.console.guard import form
from bot.domain.case_topics import Topic
from bot.domain.errors import BadInput
from bot.domain.reviews import Judgement, MarkedEntity
from bot.domain.risk import RiskLevel
from bot.services.corrections import NEW_INTENT, entity_of

LONGEST_TEXT = 500
MOST_ENTITIES = 30


def entity_field(entity: MarkedEntity) -> str:
    """「0-3-place」"""
    return f"{entity.start}-{entity.end}-{entity.name}"


def read_judgement(request: Request, masked: str) -> Judgement:
    """The whole form: what it does not carry is meant to be nothing. Raises BadInput.

    `intent_other` is chosen from the list of all intents and outweighs the ranking; typed entities join the marked ones.
    """
    intent = form(request, "intent_other", 64) or form(request, "intent", 64)
    wish = form(request, "wish", LONGEST_TEXT) if intent == NEW_INTENT else ""
    if intent == NEW_INTENT and not wish:
        raise BadInput("请写一句新意图是关于什么的。")
    risk, topic = form(request, "risk"), form(request, "topic")
    return Judgement(
        intent=None if intent in {"", NEW_INTENT} else intent,
        topic=Topic(topic) if topic in set(Topic) else None,
        risk=RiskLevel(risk) if risk in set(RiskLevel) else None,
        entities=_entities(request, masked),
        new_intent_wish=wish,
    )


def _entities(request: Request, masked: str) -> tuple[MarkedEntity, ...]:
    fields = (request.form.getlist("entity") or []) if request.form else []
    found = [_entity(field) for field in fields[:MOST_ENTITIES]]
    words = form(request, "entity_words", LONGEST_TEXT)
    if words:
        found.append(entity_of(masked, words, form(request, "entity_name", 40), found))
    return tuple(sorted(found))


def _entity(field: str) -> MarkedEntity:
    start, _, rest = field.partition("-")
    end, _, name = rest.partition("-")
    if not all(part.isascii() and part.isdecimal() and len(part) < 6 for part in (start, end)):
        raise BadInput("标的字没有看懂，请重新标。")
    return MarkedEntity(int(start), int(end), name)
