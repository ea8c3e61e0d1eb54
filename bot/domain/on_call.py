"""On-call hours (值班): the door is shut, but somebody answers a telephone. They are never opening hours."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.schedules import IsWorkday, Schedule, clock_words

NO_NUMBER = "示例，没有电话"


@dataclass(frozen=True, slots=True)
class OnCall:
    """When somebody can be reached at `phone`; "" on sample data only, which invents no number.

    The hours do not follow the calendar of the door: a day on which it is closed for once is one more reason to be on call.
    """

    schedule: Schedule
    phone: str = ""

    def is_on(self, moment: datetime, is_workday: IsWorkday) -> bool:
        """Whether somebody answers at this local moment."""
        return self.schedule.is_open(moment, is_workday)

    def words(self, moment: datetime, is_workday: IsWorkday) -> str:
        """「今天 17:30–21:00 有人值班，电话 …」 of a local day; "" when nobody is on call that day any more."""
        left = [
            f"{clock_words(begins)}–{clock_words(ends)}"
            for begins, ends in self.schedule.on(moment.date(), is_workday)
            if moment.time() < ends or ends <= begins
        ]
        if not left and not self.is_on(moment, is_workday):
            return ""
        when = f"今天 {'、'.join(left)} " if left else "现在"
        return f"{when}有人值班，{f'电话 {self.phone}' if self.phone else NO_NUMBER}"
