"""Splits Chinese into characters and the rest into words and digits, so that entities are found per character."""

import re
from typing import Any, Dict, List, Text

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

PIECE = re.compile(r"[0-9]|[A-Za-z]+|[^\s]")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class CharacterTokenizer(Tokenizer):
    """A token is one Chinese character, one digit, one mark, or one run of Latin letters."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Rasa's own settings of a tokenizer, unused."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    @staticmethod
    def supported_languages() -> List[Text]:
        """Chinese."""
        return ["zh"]

    def tokenize(self, message: Message, attribute: Text) -> List[Token]:
        """Tokens with their places in the text."""
        text = message.get(attribute)
        return [Token(found.group(), found.start()) for found in PIECE.finditer(text)]
