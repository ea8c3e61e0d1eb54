"""Reminding a WeChat user: a customer-service message while one is allowed, else a template or subscription message."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.channels.wechat.delivery import TRY_AGAIN, WeChatDelivery
from bot.domain.appointments import NEUTRAL_TITLE
from bot.services.late_answers import DeliveryRefused
from bot.services.reminders import Notice, Reached
from bot.settings import Settings

NO_WAY = "no_way"
"""The window is closed, or its messages are used up, and the settings name no template."""


class WeChatReminders:
    """The reminder port of the WeChat channel. Each way is tried only when the one before it is closed."""

    def __init__(self, settings: Settings, delivery: WeChatDelivery, *, clock: Callable[[], datetime]) -> None:
        self._delivery = delivery
        self._clock = clock
        self._template = settings.wechat_reminder_template
        self._subscription = settings.wechat_reminder_subscription
        self._fields = settings.wechat_reminder_fields

    async def remind(self, sender: str, notice: Notice) -> Reached:
        """Raises DeliveryRefused with the code of the last way that was tried."""
        refused = DeliveryRefused(NO_WAY, retry=False)
        for way in (self._by_message, self._by_template, self._by_subscription):
            try:
                reached = await way(sender, notice)
            except DeliveryRefused as code:
                if code.retry:  # Tencent is busy: the same way again later, not a second message by another
                    raise
                refused = code
            else:
                if reached is not None:
                    return reached
        raise refused

    async def _by_message(self, sender: str, notice: Notice) -> Reached | None:
        if not await self._delivery.quota_left(sender, self._clock()):
            return None
        await self._delivery.deliver(sender, notice.message)
        return Reached("message")

    async def _by_template(self, sender: str, notice: Notice) -> Reached | None:
        """`client_msg_id` makes Tencent itself drop a second one of the same reminder, for ten minutes."""
        if not self._template:
            return None
        body = {"touser": sender, "template_id": self._template, "client_msg_id": notice.message.id}
        answer = await self._send("/cgi-bin/message/template/send", body, notice)
        receipt = answer.get("msgid")
        return Reached("template", None if receipt is None else str(receipt))

    async def _by_subscription(self, sender: str, notice: Notice) -> Reached | None:
        if not self._subscription:
            return None
        body = {"touser": sender, "template_id": self._subscription}
        await self._send("/cgi-bin/message/subscribe/bizsend", body, notice)
        return Reached("subscription")

    async def _send(self, path: str, body: dict[str, Any], notice: Notice) -> dict[str, Any]:
        what, when = self._fields
        starts_at = notice.starts_at
        said_at = (
            f"{starts_at.year}年{starts_at.month}月{starts_at.day}日 {starts_at:%H:%M}"  # the form of `time` fields
        )
        data = {what: {"value": NEUTRAL_TITLE}, when: {"value": said_at}}
        code, answer = await self._delivery.api.ask(path, {**body, "data": data})
        if code:
            raise DeliveryRefused(str(code), retry=code in TRY_AGAIN)
        return answer
