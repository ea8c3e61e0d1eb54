"""The console for staff: server-rendered pages behind a guard."""
