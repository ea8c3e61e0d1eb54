"""Tables, and every query on them. Stores flush; edges commit."""
