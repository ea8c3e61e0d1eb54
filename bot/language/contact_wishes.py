"""What she says about reaching her: may we call, is it safe to write, and that she will not wait for a person any longer."""

import re

from bot.domain.cases import Consent
from bot.language.cleaning import clean

NO_CALL = re.compile(
    r"(?:别|甭|不要|千万别|不能|不方便|没法|不敢)(?:给我|跟我|往我|往家里?)*(?:打|接|听|来)?(?:我的?)?(?:打|来)?(?:电话|手机)(?!簿)"
)
CALL = re.compile(
    r"(?:可以|能|请|麻烦|方便|随时|让人|叫人|你们)(?:们)?(?:给我)?(?:打|来|回)(?:个|我)?(?:的)?电话|给我(?:打|来|回)个?电话|电话(?:里|上)说|打我(?:的)?(?:电话|手机)"
)
NOT_SAFE = re.compile(
    r"(?:他|她|老公|丈夫|婆婆|男友|对象|家里人).{0,6}(?:会|要|总|天天|经常|老|偷|能|爱)?(?:看|翻|查|检查|偷看|收走?|抢)(?:走|了)?我的?(?:手机|微信|聊天)"
    r"|(?:说话|打字|聊天?|回消息|看手机|写字)(?:不太?|有点不)(?:方便|安全)|不(?:太)?方便(?:说话|打字|聊天?|回)|(?:他|老公|丈夫|婆婆)(?:就|正|还)?在(?:我)?(?:旁边|身边|隔壁|边上)"
)
SAFE = re.compile(
    r"(?:现在|这会儿|这里)?(?:说话|打字|聊天?|写字)(?:很|挺|都|是)?(?:方便|安全)(?:的)?(?![吗么不])|就我(?:自己)?一个人(?:在家)?"
)
LEAVING = re.compile(
    r"^(?:算了|那|好吧|哎|唉|嗯|行)?[，,。\s]*(?:我)?(?:不等(?:了|啦|人工了?|你们了)|不(?:用|要|想)?排队?了|不(?:用|要|想)?(?:转)?人工了|不(?:用|想)?找(?:人|工作人员|人工)了|"
    r"取消排队|退出排队|不排了|算了不(?:用|等)了|(?:还是)?(?:继续)?(?:问|跟|和)(?:助手|机器人)(?:说|聊)?(?:吧|就行)?)[吧啦了。！!，,\s]*(?:谢谢)?[。！!\s]*$"
)


def may_call(text: str) -> Consent:
    """Whether she wants a call; no wins."""
    text = clean(text)
    if NO_CALL.search(text):
        return Consent.NO
    return Consent.YES if CALL.search(text) else Consent.UNKNOWN


def safe_to_write(text: str) -> Consent:
    """Whether she says that writing is safe now; no wins."""
    text = clean(text)
    if NOT_SAFE.search(text):
        return Consent.NO
    return Consent.YES if SAFE.search(text) else Consent.UNKNOWN


def wants_to_leave(text: str) -> bool:
    """Whether the whole message says that she no longer waits for a person."""
    return LEAVING.match(clean(text)) is not None
