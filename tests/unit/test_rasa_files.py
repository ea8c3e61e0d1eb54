"""YAML and code say the same: every action has a class, every response is spoken, every word for people exists."""

import importlib
import pkgutil
import re
from pathlib import Path

import yaml
from rasa_sdk import Action

import actions
from bot.services.intent_names import ENTITY_WORDS, intent_names
from bot.services.knowledge import NEXT_STEPS, Knowledge
from bot.services.safety import BY_INTENT
from bot.services.words import guesses

for module in pkgutil.iter_modules(actions.__path__):
    importlib.import_module(f"actions.{module.name}")

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
RULES = [
    rule
    for file in sorted((ROOT / "data" / "rules").glob("*.yml"))
    for rule in yaml.safe_load(file.read_text())["rules"]
]
CODE = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "actions").glob("*.py"))
KNOWLEDGE = Knowledge.load(ROOT / "data" / "knowledge")


def in_rules(word: str) -> set[str]:
    return {step[word] for rule in RULES for step in rule["steps"] if word in step}


def test_every_action_of_the_domain_has_a_class_and_the_reverse() -> None:
    classes = {kind().name() for kind in Action.__subclasses__() if kind.__module__.startswith("actions.")}
    assert classes == set(DOMAIN["actions"])


def test_an_action_is_named_after_its_class() -> None:
    for kind in Action.__subclasses__():
        if kind.__module__.startswith("actions."):
            snake = re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
            assert kind().name() == snake


def test_every_response_is_spoken_and_every_spoken_one_exists() -> None:
    by_rules = {action for action in in_rules("action") if action.startswith("utter_")}
    by_forms = {
        f"utter_ask_{form}_{slot}"
        for form, fields in DOMAIN["forms"].items()
        for slot in fields["required_slots"]
        if f"action_ask_{form}_{slot}" not in DOMAIN["actions"]
    }
    assert set(re.findall(r'"(utter_\w+)"', CODE)) | by_rules | by_forms == set(DOMAIN["responses"])


def test_every_action_in_a_rule_exists() -> None:
    assert in_rules("action") <= set(DOMAIN["actions"]) | set(DOMAIN["responses"]) | set(DOMAIN["forms"])


def test_every_intent_has_a_rule_and_the_reverse() -> None:
    assert in_rules("intent") == set(DOMAIN["intents"]) | {"nlu_fallback"}


def test_payloads_and_guesses_name_intents_that_exist() -> None:
    payloads = re.findall(r"payload: ['\"]?/(\w+)", (ROOT / "domain.yml").read_text(encoding="utf-8"))
    payloads += re.findall(
        r"payload: ['\"]?/(\w+)", (ROOT / "data" / "safety" / "words.yml").read_text(encoding="utf-8")
    )
    payloads += [payload[1:].split("{")[0] for _, payload in NEXT_STEPS.values()]
    payloads += [answer.intent for answer in KNOWLEDGE.answers.values()]
    assert set(payloads) | set(guesses()) | set(BY_INTENT) <= set(DOMAIN["intents"])


def test_every_intent_and_entity_has_a_name_for_reviewers() -> None:
    assert list(intent_names()) == DOMAIN["intents"]
    assert len(set(intent_names().values())) == len(DOMAIN["intents"])
    assert list(ENTITY_WORDS) == DOMAIN["entities"]


def test_slots_are_typed_and_do_not_steer() -> None:
    for slot in DOMAIN["slots"].values():
        assert slot["type"] != "any"
        assert slot["influence_conversation"] is False


def test_the_sections_of_the_domain_stand_in_their_order() -> None:
    assert [key for key in DOMAIN if key != "version"] == [
        "session_config", "intents", "entities", "slots", "forms", "responses", "actions"
    ]  # fmt: skip


def test_every_knowledge_intent_has_an_answer() -> None:
    answered = {answer.intent for answer in KNOWLEDGE.answers.values()}
    asked = {
        step["intent"] for rule in RULES for step in rule["steps"]
        if "intent" in step and any(s.get("action") == "action_answer_question" for s in rule["steps"])
    }  # fmt: skip
    assert asked <= answered
