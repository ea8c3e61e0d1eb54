"""What runs inside Rasa's process (Python 3.10): the channel, the classifier, the action client."""
