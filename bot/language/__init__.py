"""Chinese text: cleaning it, and reading places, times and danger out of it."""
