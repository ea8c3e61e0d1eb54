"""Messaging channels: each speaks one protocol and decides nothing."""
