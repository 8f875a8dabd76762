"""Backends that write text: one file each, found by discovery."""
