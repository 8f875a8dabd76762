"""Training and evaluation of the task models on labelled data."""
