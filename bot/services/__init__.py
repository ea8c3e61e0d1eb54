"""Use cases, a file a topic, in the words of the people who need them."""
