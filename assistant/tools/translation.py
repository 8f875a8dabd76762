"""Translates a text sentence by sentence, with a model of the Hugging Face hub."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal

from assistant.events import Event, Progress, Resulted, TextDelta
from assistant.languages import language_of, name_of, target_named
from assistant.models.catalogue import missing
from assistant.text import sentences
from assistant.tools.tool import Services
from assistant.types import Route, Text, Turn

LONGEST = 20_000  # characters that are translated


class Translation:
    """The text in another language."""

    name: ClassVar[str] = "translation"
    title: ClassVar[str] = "Translation"
    description: ClassVar[str] = "What does a text say in another language?"
    examples: ClassVar[tuple[str, ...]] = (
        "Translate into German: The meeting has been moved to Thursday.",
        "/translation into French: Where is the station?",
    )
    needs: ClassVar[Literal["text", "nothing"]] = "text"
    roles: ClassVar[tuple[str, ...]] = ("translator",)
    ask: ClassVar[str] = "Which text shall I translate, and into which language?"

    def __init__(self, services: Services) -> None:
        self._models = services.models

    def run(self, route: Route, turn: Turn) -> Iterator[Event]:
        """Translate the payload into the language that the instruction names."""
        if not self._models.offers("translator"):
            yield TextDelta(missing("translator"))
            return
        text, wanted = route.payload, target_named(route.instruction)
        opening, _, rest = text.partition(":")
        if wanted is None and rest.strip() and (wanted := target_named(opening)):
            text = rest.strip()  # "into French: …", all of it as payload
        translator = self._models.translator
        sources = sorted({source for source, _ in translator.directions})
        found = language_of(text)
        source = found if found in sources else sources[0]
        targets = sorted(target for start, target in translator.directions if start == source)
        if wanted is None and len(targets) > 1:
            yield TextDelta(f"Into which language? {translator.name} knows {_names(targets)}.")
            return
        target = wanted or targets[0]
        if target not in targets or found not in (None, source):
            yield TextDelta(_other(translator.name, source, targets, found or source, target))
            return
        yield from self._translate(text, source, target)

    def _translate(self, text: str, source: str, target: str) -> Iterator[Event]:
        translator = self._models.translator
        part = text[:LONGEST]
        spans = sentences(part)
        pieces: list[str] = []
        end = 0
        written = translator.translate([part[a:b] for a, b in spans], source, target)
        for done, ((start, stop), sentence) in enumerate(zip(spans, written, strict=True)):
            pieces += [part[end:start], sentence]
            end = stop
            yield Progress(done + 1, len(spans), "translating the sentences")
        translation = "".join([*pieces, part[end:]]).strip()
        caption = f"{name_of(source)} to {name_of(target)} by {translator.name}"
        if len(text) > LONGEST:
            caption += f"; the first {LONGEST:,} of {len(text):,} characters"
        yield TextDelta(translation or text)
        yield Resulted(Text(translation or text, caption))


def _names(codes: Sequence[str]) -> str:
    return ", ".join(name_of(code) for code in codes)


def _other(model: str, source: str, targets: Sequence[str], found: str, wanted: str) -> str:
    return (
        f"The model {model} translates {name_of(source)} into {_names(targets)}, and not "
        f"{name_of(found)} into {name_of(wanted)}. For that, start with a model such as "
        f"--models translator=Helsinki-NLP/opus-mt-{found}-{wanted}, if it is there as safetensors."
    )
