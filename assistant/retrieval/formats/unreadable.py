"""The one error of the readers."""


class UnreadableError(Exception):
    """A file cannot be read for a reason that its reader knows; the message ends a sentence."""
