"""Switchboard: a private chat assistant that routes each turn to the tool that answers it."""
