"""Rasa's custom actions, a file a topic: slots in, one service call, words and events out."""

from actions.door import close

close()  # here, because rasa-sdk reads its plugins after it has imported this package, in every worker anew
