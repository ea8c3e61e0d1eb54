"""Rasa's custom actions, a file a topic: slots in, one service call, words and events out."""
