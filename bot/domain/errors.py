"""Every error a person may meet, as one tree.

BotError                    500  internal
├── BadInput                400  bad_input         what was sent cannot be used
│   ├── TooLong             413  too_long
│   └── BadRows             400  bad_rows          an import file with rows that cannot be used
├── NotAllowed              401  not_allowed
│   └── SignInRefused       401  sign_in_refused   name, password or code: never told which
├── StepUpNeeded            403  step_up_needed    the second factor has to be given again first
├── NotFound                404  not_found
├── Conflict                409  conflict          somebody else was first
│   ├── SlotTaken           409  slot_taken        the last seat went to another
│   │   └── SlotClosed      409  slot_closed       nobody can be booked there then
│   ├── NotChangeable       409  not_changeable    too late, too many, or over already
│   ├── AlreadyTaken        409  already_taken     another officer has this case
│   └── NotPossibleNow      409  not_possible_now  a case in this state cannot do that
├── TooMany                 429  too_many
└── Unavailable             503  unavailable       a part of the system does not answer
    └── EngineUnavailable   503  engine_unavailable

`code` is stable and for programs; `words` are for people, in Chinese.
"""

from typing import Any, ClassVar


class BotError(Exception):
    """An error with a stable code, an HTTP status and words a person may read."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    default_words: ClassVar[str] = "系统出了点问题，请稍后再试。急事请拨打 110 或 12338。"

    def __init__(self, words: str = "") -> None:
        self.words = words or self.default_words
        super().__init__(self.words)


class BadInput(BotError):
    """What was sent cannot be used; the words say what to send instead."""

    code = "bad_input"
    status = 400
    default_words = "这条内容没法识别，请换个说法再发一次。"


class TooLong(BadInput):
    """More than is read at once."""

    code = "too_long"
    status = 413
    default_words = "内容太长了，请分成几条发送。"


class BadRows(BadInput):
    """An import file with rows that cannot be used; `rows` holds (line, reason) for every one of them."""

    code = "bad_rows"

    def __init__(self, rows: list[tuple[int, str]]) -> None:
        self.rows = rows
        super().__init__(f"文件中有 {len(rows)} 行需要修改，没有导入任何一行。")


class NotAllowed(BotError):
    """Who asks is not known, or may not."""

    code = "not_allowed"
    status = 401
    default_words = "请先登录。"


class SignInRefused(NotAllowed):
    """The name, the password or the code is wrong; which one is never told."""

    code = "sign_in_refused"
    default_words = "登录名、密码或验证码不对。"


class StepUpNeeded(BotError):
    """She is signed in, but has to give her second factor again for this."""

    code = "step_up_needed"
    status = 403
    default_words = "请再输入一次手机上的验证码。"


class NotFound(BotError):
    """There is nothing here, or nothing that the asker may know of."""

    code = "not_found"
    status = 404
    default_words = "没有找到您要的内容。"


class Conflict(BotError):
    """Somebody else was first, or the same thing was sent with other content."""

    code = "conflict"
    status = 409
    default_words = "这件事刚刚被别人处理了，请刷新后再看。"


class SlotTaken(Conflict):
    """The last seat went to another, or is too near to it. `free`: what she may take instead (FreeSlot of services)."""

    code = "slot_taken"
    default_words = "这个时间刚刚被约走了。"

    def __init__(self, words: str = "", free: tuple[Any, ...] = ()) -> None:
        self.free = free
        super().__init__(words)


class SlotClosed(SlotTaken):
    """Nobody can be booked there then; the words say why."""

    code = "slot_closed"
    default_words = "这个时间不开放预约。"


class NotChangeable(Conflict):
    """The appointment is over, too near, or she has as many as she may have."""

    code = "not_changeable"
    default_words = "这个预约现在不能改了。"


class AlreadyTaken(Conflict):
    """Another officer has this case. `officer` is her public id, `name` her name."""

    code = "already_taken"
    default_words = "这个个案已经有人接了。"

    def __init__(self, words: str = "", officer: str = "", name: str = "") -> None:
        self.officer = officer
        self.name = name
        super().__init__(words)


class NotPossibleNow(Conflict):
    """The case has moved on; the words say where it stands."""

    code = "not_possible_now"
    default_words = "这个个案现在不能这样处理，请刷新后再看。"


class TooMany(BotError):
    """More requests than one sender may make."""

    code = "too_many"
    status = 429
    default_words = "消息发得太快了，请稍等几秒再发。急事请拨打 110 或 12338。"


class Unavailable(BotError):
    """A part of the system does not answer; what was sent is kept."""

    code = "unavailable"
    status = 503
    default_words = "系统暂时忙，您的消息已经收到，稍后回复您。急事请拨打 110 或 12338。"


class EngineUnavailable(Unavailable):
    """The dialogue engine is down, slow, or answered what cannot be read."""

    code = "engine_unavailable"
