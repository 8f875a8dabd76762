"""Measures whole answers: what is found in documents, answered, cited and refused."""
