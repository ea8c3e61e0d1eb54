"""Facts and rules of the field. Imports nothing of ours, reads no clock, does no I/O."""
