"""Every error that Switchboard raises on purpose.

AssistantError
├── SettingsError        a setting, environment variable or option is wrong
│   └── PromptError      a prompt template is missing, damaged or got the wrong values
├── InputError           the user's text or request cannot be worked on
│   ├── DocumentError    a file cannot be read, or not as what it claims to be
│   └── UploadError      an upload is not there, is another visitor's, or finds no room
├── ModelError           a model is missing, damaged or of the wrong kind
│   └── GeneratorError   the text generator cannot start or broke off
├── StorageError         the database or the document store cannot be used
├── AccessError          a request to an API may not be answered: it has no key
│   ├── WrongKeyError    it has a key that is none of the server's
│   └── TooManyTriesError  too many wrong keys came before it
└── BusyError            more requests wait already than the server takes

Each message is one or more whole sentences fit for the chat window: the thing, the value found,
the value expected, the next step.
"""


class AssistantError(Exception):
    """Base of all errors whose message may be shown to the user as it stands."""


class SettingsError(AssistantError):
    """A setting has a value that cannot be used; the message names its key."""


class PromptError(SettingsError):
    """A prompt template is missing, damaged, or got the wrong values."""


class InputError(AssistantError):
    """The user's text or request cannot be worked on."""


class DocumentError(InputError):
    """A file cannot be read, or is not what its name claims."""


class UploadError(InputError):
    """An upload is not there, belongs to another visitor, or finds no room."""


class ModelError(AssistantError):
    """A model is missing, damaged or of the wrong kind."""


class GeneratorError(ModelError):
    """The text generator cannot start, or broke off."""


class StorageError(AssistantError):
    """The database or the document store cannot be used."""


class AccessError(AssistantError):
    """A request to an API may not be answered: a key is needed, and there is none."""


class WrongKeyError(AccessError):
    """The key of a request is none of the server's."""


class TooManyTriesError(AccessError):
    """Too many wrong keys were tried; after ``seconds`` another one may be."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class BusyError(AssistantError):
    """More requests wait already than the server takes."""
