"""The categories of suggestions, read from `data/suggestions.yml`; a wrong file ends the start with a sentence."""

from pathlib import Path
from typing import Any

import yaml

from bot.domain.suggestions import Categories, Category

FILE = Path(__file__).resolve().parents[2] / "data" / "suggestions.yml"
MOST = 20
LONGEST_KEY = 32


class CategoriesProblem(SystemExit):
    """The file cannot be used; the sentence says where and what to write."""


def load_categories(file: Path = FILE) -> Categories:
    """All of the file. Raises CategoriesProblem."""
    try:
        loaded = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as wrong:
        raise CategoriesProblem(f"{file.name} 读不了：{wrong}") from wrong
    if not isinstance(loaded, dict) or not isinstance(loaded.get("categories"), list):
        raise CategoriesProblem(f"{file.name}：要有 categories，下面每类一项：key、name、cues。")
    found = tuple(_category(file, at, one) for at, one in enumerate(loaded["categories"], start=1))
    other = str(loaded.get("other", ""))
    _check(file, found, other)
    return Categories(found, other, _words(file, "urgent", loaded.get("urgent") or []))


def _category(file: Path, at: int, one: Any) -> Category:
    where = f"{file.name} 第 {at} 类"
    if not isinstance(one, dict) or set(one) != {"key", "name", "cues"}:
        raise CategoriesProblem(f"{where}：要正好写 key、name、cues 三样。")
    key, name = str(one["key"] or ""), str(one["name"] or "")
    if not (key.isascii() and key.isidentifier() and len(key) <= LONGEST_KEY):
        raise CategoriesProblem(f"{where}：key 要用英文字母、数字和下划线，最多 {LONGEST_KEY} 个，现在是“{key}”。")
    if not name.strip():
        raise CategoriesProblem(f"{where}：name 不能空着。")
    return Category(key, name.strip(), _words(file, f"第 {at} 类的 cues", one["cues"] or []))


def _words(file: Path, what: str, words: Any) -> tuple[str, ...]:
    if not isinstance(words, list) or not all(isinstance(word, str) and word.strip() for word in words):
        raise CategoriesProblem(f"{file.name}：{what} 要是一串词，没有就写 []。")
    return tuple(words)


def _check(file: Path, found: tuple[Category, ...], other: str) -> None:
    for what, values in (("key", [one.key for one in found]), ("name", [one.name for one in found])):
        if twice := sorted({value for value in values if values.count(value) > 1}):
            raise CategoriesProblem(f"{file.name}：{what} 重复了：{'、'.join(twice)}。")
    if not 1 <= len(found) <= MOST:
        raise CategoriesProblem(f"{file.name}：要有 1 到 {MOST} 类，现在是 {len(found)} 类。")
    if other not in {one.key for one in found}:
        raise CategoriesProblem(f"{file.name}：other 要写其中一类的 key，现在是“{other}”。")
