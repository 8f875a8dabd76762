"""Starts Switchboard: ``python app.py``, on this computer or as a Hugging Face Space."""

from __future__ import annotations

import os
import sys

from assistant.errors import AssistantError, SettingsError
from assistant.settings import Settings


def main(arguments: list[str]) -> int:
    """Serve until Ctrl-C; return the exit code: 0 well, 1 cannot start, 2 a wrong setting."""
    if "SPACE_ID" in os.environ:  # where a Space has to listen, and the proxies before it
        os.environ.setdefault("ASSISTANT_HOST", "0.0.0.0")
        os.environ.setdefault("ASSISTANT_PORT", "7860")
        os.environ.setdefault(
            "ASSISTANT_TRUSTED_PROXIES", "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
        )
    try:
        settings = Settings.read(arguments)

        from assistant.server.launch import serve

        serve(settings)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except AssistantError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
