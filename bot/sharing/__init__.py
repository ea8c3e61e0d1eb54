"""The open API that other systems read: directory, free times and anonymous figures."""
