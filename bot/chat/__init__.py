"""The web chat: its JSON API and its page."""
