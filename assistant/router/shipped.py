"""Finds the router's classifier: the one trained here, else the one that ships, else a new one."""

from __future__ import annotations

import logging
from pathlib import Path

from assistant.errors import ModelError
from assistant.router.intents import Encodes, Intents, train
from assistant.router.utterances import Utterance, fingerprint, read, utterance

SHIPPED = Path(__file__).parent.parent / "models" / "embedded" / "router"

log = logging.getLogger("assistant")


def trained_folder(data_dir: Path) -> Path:
    """Return where a router trained on this computer lies."""
    return data_dir / "models" / "router"


def corrections_file(data_dir: Path) -> Path:
    """Return where the users' corrections lie: a tool, a tab and an utterance a line."""
    return data_dir / "routes" / "corrections.tsv"


def utterances(data_dir: Path) -> tuple[Utterance, ...]:
    """Return the example utterances, with the corrections made on this computer."""
    file = corrections_file(data_dir)
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    corrected = (line.partition("\t") for line in lines if "\t" in line)
    return (*read(), *(utterance(line, intent) for intent, _, line in corrected))


def load(data_dir: Path, encoder: Encodes) -> Intents:
    """Return the classifier of the present utterances and encoder, training it if need be."""
    examples = utterances(data_dir)
    wanted = fingerprint(examples)
    for folder in (trained_folder(data_dir), SHIPPED):
        try:
            intents = Intents.load(folder)
        except ModelError:
            continue
        if intents.trained_on == wanted and intents.encoder == encoder.fingerprint:
            return intents
    log.info("training the router on %d utterances", len(examples))
    intents = train(examples, encoder)
    intents.save(trained_folder(data_dir))
    return intents
