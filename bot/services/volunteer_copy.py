"""Her volunteering as it stands in her own copy of her records."""

from dataclasses import dataclass, field
from datetime import date, tzinfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.volunteers import KIND_WORDS, MATCH_WORDS, STATUS_WORDS, hour_words
from bot.services.volunteer_desk import CONTACT, free_words_of
from bot.services.volunteer_skills import known_skills
from bot.storage.sealing import Keyring
from bot.storage.volunteers import VolunteerStore, decoded

MOST = 1000


@dataclass(frozen=True, slots=True)
class CopyVolunteer:
    """As what she signed up, and what she was asked for: (local day, what, what became of it, hours)."""

    kind: str
    skills: str
    area: str
    free: str
    status: str
    contact: str = field(repr=False)
    helped: tuple[tuple[date, str, str, str], ...] = ()


async def volunteering_of(
    session: AsyncSession, keyring: Keyring, conversation_id: int, zone: tzinfo
) -> CopyVolunteer | None:
    """None when she never signed up."""
    store = VolunteerStore(session)
    row = await store.of(conversation_id)
    if row is None:
        return None
    helped = tuple(
        (match.asked_at.astimezone(zone).date(), "（别的姐妹的一个问题）" if call.case_id else call.need,
         MATCH_WORDS[match.status], hour_words(match.minutes) if match.minutes else "")
        for match, call in await store.of_volunteer(row, MOST)
    )  # fmt: skip
    return CopyVolunteer(
        KIND_WORDS[row.kind], known_skills().names(decoded(row.skills)), row.area, free_words_of(row),
        STATUS_WORDS[row.status], keyring.open(row.sealed_contact, CONTACT) if row.sealed_contact else "", helped,
    )  # fmt: skip
