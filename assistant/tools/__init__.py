"""The tools that answer turns: one file each, found by discovery."""
