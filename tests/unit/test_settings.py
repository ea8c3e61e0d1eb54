"""A wrong setting stops the start with a sentence, and secrets never print."""

import base64

import pytest

from bot.settings import Settings, SettingsProblem, settings

KEY = base64.b64encode(b"k" * 32).decode()


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    monkeypatch.setenv("BOT_DATA_KEY", KEY)
    monkeypatch.setenv("BOT_ENGINE_SECRET", "s")
    settings.cache_clear()
    return monkeypatch


def test_defaults_are_enough_beside_the_two_secrets(environment: pytest.MonkeyPatch) -> None:
    assert (settings().host, settings().port) == ("127.0.0.1", 8000)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("BOT_PORT", "99999", "BOT_PORT"),  # no such port
        ("BOT_DATA_KEY", "short", "32 random bytes"),  # not a key
        ("BOT_DATA_KEY", base64.b64encode(b"k" * 16).decode(), "32 random bytes"),  # a key of another size
        ("BOT_ANSWER_WITHIN", "9", "BOT_ANSWER_WITHIN"),  # WeChat hangs up at 5 s
        ("BOT_ENGINE_SECRET", "", "BOT_ENGINE_SECRET: is missing"),  # empty is missing
    ],
)
def test_a_wrong_value_ends_the_start_and_is_not_shown(
    environment: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    environment.setenv(name, value)
    with pytest.raises(SettingsProblem) as problem:
        settings()
    assert told in str(problem.value)
    assert not value or f"'{value}'" not in str(problem.value)


def test_secrets_do_not_print(environment: pytest.MonkeyPatch) -> None:
    assert KEY not in repr(settings())
