"""Everything that may differ between two installations, read once from the environment or `.env`."""

import base64
import binascii
from datetime import UTC
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.domain.addresses import Network, read_network
from bot.domain.workdays import is_workday
from bot.domain.working_hours import WorkingHours

ROOT = Path(__file__).resolve().parent.parent


class SettingsProblem(SystemExit):
    """A setting that cannot be used; ends the process with a sentence that says what to do."""


class Settings(BaseSettings):
    """Frozen; each name is written `BOT_<NAME>` outside. `.env.example` explains every one."""

    model_config = SettingsConfigDict(
        env_prefix="BOT_", env_file=ROOT / ".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    public_url: str = ""
    database_url: str = f"sqlite+aiosqlite:///{ROOT / 'var' / 'bot.db'}"
    data_key: SecretStr
    data_key_previous: SecretStr = SecretStr("")

    engine_url: str = "http://127.0.0.1:5005"
    engine_secret: SecretStr
    engine_timeout: float = Field(10.0, gt=0, le=11)
    answer_within: float = Field(4.5, gt=0, le=4.8)
    messages_per_minute: int = Field(60, ge=1)
    late_retry_every: float = Field(2.0, gt=0)

    appointments_at_once: int = Field(3, ge=1)
    appointment_change_until_hours: int = Field(2, ge=0)
    appointment_offer_minutes: int = Field(120, ge=5)
    reminder_hours: Annotated[tuple[Annotated[float, Field(gt=0, le=720)], ...], NoDecode] = (24, 2)

    case_red_minutes: int = Field(2, ge=1)
    case_orange_minutes: int = Field(15, ge=1)
    case_yellow_working_hours: int = Field(4, ge=1)
    case_ask_again_minutes: int = Field(15, ge=1)
    case_acknowledge_minutes: int = Field(10, ge=1)
    case_away_minutes: int = Field(5, ge=1)
    case_reopen_hours: int = Field(24, ge=0)
    presence_seconds: int = Field(120, ge=20)
    office_hours: str = "08:30-12:00,14:00-18:00"

    retention_text_days: int = Field(180, ge=1)
    retention_masked_days: int = Field(730, ge=1)
    retention_case_days: int = Field(1095, ge=30)
    retention_contact_days: int = Field(30, ge=1)
    retention_appointment_days: int = Field(1095, ge=1)
    retention_waiting_days: int = Field(90, ge=1)
    retention_choice_days: int = Field(30, ge=1)
    retention_tracker_hours: int = Field(24, ge=1, le=720)

    console_idle_minutes: int = Field(30, ge=1, le=240)
    console_session_hours: int = Field(12, ge=1, le=24)

    wechat_account: str = "main"
    wechat_token: SecretStr = SecretStr("")
    wechat_aes_key: SecretStr = SecretStr("")
    wechat_aes_key_previous: SecretStr = SecretStr("")
    wechat_app_id: str = ""
    wechat_secret: SecretStr = SecretStr("")
    wechat_api_url: str = "https://api.weixin.qq.com"
    wechat_plain_mode: bool = False
    wechat_reminder_template: str = ""
    wechat_reminder_subscription: str = ""
    wechat_reminder_fields: Annotated[tuple[str, str], NoDecode] = ("thing1", "time2")

    models_folder: Path = ROOT / "models"
    teaching_folder: Path = ROOT / "var" / "teaching"

    area: str = "天津市"
    timezone: str = "Asia/Shanghai"
    quick_exit_url: str = "https://www.gov.cn/"
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    webhook_networks: Annotated[tuple[str, ...], NoDecode] = ()

    @field_validator("data_key", "data_key_previous")
    @classmethod
    def _is_a_key(cls, value: SecretStr) -> SecretStr:
        try:
            length = len(base64.b64decode(value.get_secret_value(), validate=True))
        except binascii.Error:
            length = -1
        if value.get_secret_value() and length != 32:
            raise ValueError("must be 32 random bytes in base64; `python -m bot setup` makes one")
        return value

    @field_validator("retention_masked_days")
    @classmethod
    def _outlives_the_original(cls, value: int, known: ValidationInfo) -> int:
        if value < known.data.get("retention_text_days", value):
            raise ValueError("must not be less than BOT_RETENTION_TEXT_DAYS: what is masked outlives the original")
        return value

    @field_validator("office_hours")
    @classmethod
    def _are_hours(cls, value: str) -> str:
        WorkingHours.read(value, UTC, is_workday)
        return value

    @field_validator("trusted_proxies", "webhook_networks")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            read_network(text)
        return value

    @field_validator("trusted_proxies", "webhook_networks", "reminder_hours", "wechat_reminder_fields", mode="before")
    @classmethod
    def _by_commas(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    """Networks of a setting, which were checked when it was read."""
    return tuple(read_network(text) for text in texts)


@lru_cache
def settings() -> Settings:
    """Read the settings, or end the process with a sentence for each wrong one (values are never shown)."""
    try:
        return Settings()
    except ValidationError as wrong:
        lines = [
            f"  BOT_{str(error['loc'][0]).upper()}: {'is missing' if error['type'] == 'missing' else error['msg']}"
            for error in wrong.errors(include_input=False, include_url=False)
        ]
        raise SettingsProblem(
            "\n".join(["Cannot start: settings to mend (environment or .env, see .env.example):", *lines])
        ) from None
