"""The skills of volunteers, read from `data/volunteers.yml`; a wrong file ends the start with a sentence."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.domain.volunteers import Skill, Skills, VolunteerKind

FILE = Path(__file__).resolve().parents[2] / "data" / "volunteers.yml"
MOST = 40
LONGEST_KEY, LONGEST_NAME = 16, 12


class SkillsProblem(SystemExit):
    """The file cannot be used; the sentence says where and what to write."""


@cache
def known_skills() -> Skills:
    """Those of the file, read once."""
    return load_skills()


def load_skills(file: Path = FILE) -> Skills:
    """All of the file. Raises SkillsProblem."""
    try:
        loaded = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as wrong:
        raise SkillsProblem(f"{file.name} 读不了：{wrong}") from wrong
    if not isinstance(loaded, dict) or not isinstance(loaded.get("skills"), list):
        raise SkillsProblem(f"{file.name}：要有 skills，下面每项写 key、name、kinds、cues。")
    found = tuple(_skill(f"{file.name} 第 {at} 项", one) for at, one in enumerate(loaded["skills"], start=1))
    if not 1 <= len(found) <= MOST:
        raise SkillsProblem(f"{file.name}：要有 1 到 {MOST} 项，现在是 {len(found)} 项。")
    for what, values in (("key", [one.key for one in found]), ("name", [one.name for one in found])):
        if twice := sorted({value for value in values if values.count(value) > 1}):
            raise SkillsProblem(f"{file.name}：{what} 重复了：{'、'.join(twice)}。")
    return Skills(found)


def _skill(where: str, one: Any) -> Skill:
    if not isinstance(one, dict) or set(one) != {"key", "name", "kinds", "cues"}:
        raise SkillsProblem(f"{where}：要正好写 key、name、kinds、cues 四样。")
    key, name = str(one["key"] or ""), str(one["name"] or "").strip()
    if not (key.isascii() and key.isidentifier() and len(key) <= LONGEST_KEY):
        raise SkillsProblem(f"{where}：key 要用英文字母、数字和下划线，最多 {LONGEST_KEY} 个，现在是“{key}”。")
    if not 0 < len(name) <= LONGEST_NAME or "、" in name:
        raise SkillsProblem(f"{where}：name 要写 1 到 {LONGEST_NAME} 个字，里面不用顿号（表格里用它隔开几项）。")
    kinds = one["kinds"]
    if not isinstance(kinds, list) or not kinds or not set(kinds) <= set(VolunteerKind):
        raise SkillsProblem(f"{where}：kinds 要从 {'、'.join(VolunteerKind)} 里选。")
    cues = one["cues"]
    if not isinstance(cues, list) or not all(isinstance(cue, str) and cue.strip() for cue in cues):
        raise SkillsProblem(f"{where}：cues 要是一串词，没有就写 []。")
    return Skill(key, name, tuple(cues), frozenset(VolunteerKind(kind) for kind in kinds))
