"""What she is told about her case: who will come, by when, what to do until then; never more than is known."""

from datetime import datetime, tzinfo

from bot.domain.appointments import moment_words
from bot.domain.cases import CaseRules, Helped
from bot.domain.federations import CHOSEN_WORDS
from bot.domain.messages import Choice, Reply
from bot.domain.offices import OFFICE_WORDS, level_of
from bot.services.words import case_words
from bot.storage.case_alerts import CaseAlert

LEAVE, MEANWHILE, ASK_HUMAN, RATE = "/leave_queue", "/ask_meanwhile", "/ask_human", "/rate_help"
WHY = ("slow", "unclear", "unsolved", "again")
"""The second tap; 「again」 opens the case once more."""


def when(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """「10:15」 today, 「明天09:30」 tomorrow, else with the date."""
    moment, today = moment.astimezone(zone), now.astimezone(zone).date()
    days = (moment.date() - today).days
    if days == 0:
        return f"{moment:%H:%M}"
    return f"明天{moment:%H:%M}" if days == 1 else moment_words(moment)


def who_words(office: str, *, at_work: bool) -> str:
    """An office as she may read it: a federation at her work is never named."""
    return CHOSEN_WORDS if at_work else OFFICE_WORDS[level_of(office)]


class CaseWords:
    """Fills the sentences of data/words.yml."""

    def __init__(self, rules: CaseRules) -> None:
        self._rules = rules

    def asked(self, alert: CaseAlert | None, now: datetime, *, asked: bool = False) -> Reply:
        """She asked for a person: `alert` says who was asked. None: nobody is there, or (`asked`) nobody of those accepted."""
        if alert is None and asked:
            return Reply(case_words()["nobody_took"], choices=_queue_choices())
        return self._waiting("asked", alert, now, queueing=True)

    def noted(self, alert: CaseAlert | None, now: datetime) -> Reply:
        """She asked for something that a person has to do; the assistant goes on speaking with her."""
        return self._waiting("noted", alert, now, queueing=False)

    def danger(self, alert: CaseAlert | None, now: datetime) -> Reply:
        """Her words told of danger, and a person was asked for without her asking."""
        return self._waiting("danger", alert, now, queueing=False)

    def acknowledged(self, alert: CaseAlert | None, now: datetime, *, asked: bool = False) -> Reply:
        """Her words arrived; she still waits."""
        if alert is None and asked:
            return Reply(case_words()["acknowledged"], choices=_queue_choices())
        return self._waiting("acknowledged", alert, now, queueing=True)

    def reopened(self) -> Reply:
        """She wrote again after closing."""
        return Reply(case_words()["reopened"], choices=_queue_choices())

    def climbed(self, alert: CaseAlert, now: datetime) -> Reply:
        """The first did not come; another was asked."""
        return self._waiting("climbed", alert, now, queueing=False)

    def taken(self, office: str, *, at_work: bool = False) -> Reply:
        """An officer has it."""
        return Reply(case_words()["taken"].format(who=who_words(office, at_work=at_work)))

    def transferred(self, who: str) -> Reply:
        """It goes to another; `who` names an office, never a person."""
        return Reply(case_words()["transferred"].format(who=who))

    def closed(self, case: str, *, ask: bool) -> Reply:
        """The end, with the question whether it helped, unless she was asked before."""
        if not ask:
            return Reply(case_words()["closed_again"])
        taps = tuple(
            Choice(case_words()[f"choices.helped_{helped}"], f'{RATE}{{"case":"{case}","helped":"{helped}"}}')
            for helped in Helped
        )
        return Reply(case_words()["closed"], choices=taps)

    def rated(self, case: str, helped: Helped) -> Reply:
        """Thanks for the first tap; what was missing is the second."""
        text = case_words()[f"rated_{helped}"]
        if helped is Helped.YES:
            return Reply(text)
        taps = tuple(
            Choice(case_words()[f"choices.{why}"], f'{RATE}{{"case":"{case}","helped":"{helped}","why":"{why}"}}')
            for why in WHY
        )
        return Reply(text, choices=taps)

    def plain(self, name: str) -> Reply:
        """A sentence without blanks."""
        return Reply(case_words()[name])

    def _waiting(self, name: str, alert: CaseAlert | None, now: datetime, *, queueing: bool) -> Reply:
        zone, choices = self._rules.hours.zone, _queue_choices() if queueing else ()
        if alert is None:
            opens = when(self._rules.hours.next_open(now), now, zone)
            name = f"{name}_nobody" if not self._rules.hours.is_open(now) else f"{name}_nobody_now"
            return Reply(case_words()[name].format(open=opens), choices=choices)
        who, by = who_words(alert.office, at_work=alert.at_work), when(alert.deadline_at, now, zone)
        return Reply(case_words()[name].format(who=who, by=by), choices=choices)


def _queue_choices() -> tuple[Choice, ...]:
    return (Choice(case_words()["choices.meanwhile"], MEANWHILE), Choice(case_words()["choices.leave"], LEAVE))
