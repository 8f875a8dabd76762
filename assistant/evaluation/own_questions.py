"""Makes questions about the documents of a library, and questions that they do not answer.

No model writes them: ``forms`` turns sentences of the documents into questions by patterns. The
same library and the same seed give the same questions.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from pathlib import Path
from random import Random
from typing import Literal

from assistant.evaluation.forms import Form, question_of
from assistant.evaluation.questions import Asked
from assistant.models.catalogue import Models
from assistant.retrieval.library import Library
from assistant.retrieval.ranking import WORDS
from assistant.summaries import content_words
from assistant.text import sentences
from assistant.types import Document

GENERAL = Path(__file__).with_name("general_knowledge.txt")  # a question a line, our own words
DOCUMENTS = 300  # so many are read at most, drawn by chance
CHARACTERS = 200_000  # of each of them
SHARE = 5  # one question in so many is on another subject, and as many are left out
LOOKED_AT = 5  # passages that may share one content word at most with a general question

Kind = Literal["answered", "left out", "elsewhere"]
_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_LOWER = re.compile(r"\b[a-z]+\b")


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    """A question, and what is known of it.

    ``answered``: ``asked`` tells the sentence that it was made of. ``left out``: the same, but the
    document is to be left out of the search, and no other has the words of the answer.
    ``elsewhere``: it is on a subject that no document treats.
    """

    kind: Kind
    asked: Asked
    document_id: str = ""


@dataclass(frozen=True, slots=True)
class _Sentence:
    document: Document
    text: str
    start: int
    words: frozenset[str]


def own_questions(
    library: Library, models: Models, count: int, seed: int = 0, collections: Collection[str] = ()
) -> tuple[OwnQuestion, ...]:
    """Return at most ``count`` questions in an order drawn by ``seed``.

    Of five, three have an answer, one is on another subject, and one has its document left out;
    that one has also been asked with it. Fewer come back if the documents hold few sentences that
    make a question; none if they hold no such sentence.

    Raises:
        InputError: there is no such collection.
    """
    random = Random(seed)
    documents = sorted(library.documents(collections), key=lambda document: document.id)
    random.shuffle(documents)
    read = list(_sentences(library, documents[:DOCUMENTS]))
    made = list(islice(_made(read, models, random), count - 2 * (count // SHARE)))
    if not made:
        return ()
    few = max(1, round(len(made) / (SHARE - 2)))
    missing = (
        OwnQuestion("left out", question.asked, question.document_id)
        for question, form in made
        if not form.subject and _answered_once(question, read)
    )
    everything = [
        *(question for question, _ in made),
        *(islice(missing, few) if len(documents) > 1 else ()),
        *islice(_elsewhere(library, random, collections), few),
    ]
    random.shuffle(everything)
    return tuple(everything)


def _sentences(library: Library, documents: Sequence[Document]) -> Iterator[_Sentence]:
    for document in documents:
        text = library.text(document.id)[:CHARACTERS]
        text = _FENCE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
        for start, end in sentences(text):
            words = frozenset(content_words(text[start:end]))
            yield _Sentence(document, text[start:end], start, words)


def _made(
    read: Sequence[_Sentence], models: Models, random: Random
) -> Iterator[tuple[OwnQuestion, Form]]:
    """Give questions, one of each document in turn, that one sentence alone answers."""
    common = {word for sentence in read for word in _LOWER.findall(sentence.text)}
    having: dict[str, set[int]] = defaultdict(set)  # word → the sentences with it
    of_document: dict[str, list[int]] = defaultdict(list)
    for number, sentence in enumerate(read):
        of_document[sentence.document.id].append(number)
        for word in sentence.words:
            having[word].add(number)

    def kind_of(text: str, end: int) -> str:
        spans = models.entities.tag(text)
        return next((span.label for span in spans if (span.start, span.end) == (0, end)), "")

    def alone(form: Form, number: int) -> bool:
        words = content_words(form.question)
        others = set.intersection(*(having.get(word, set()) for word in words)) - {number}
        if not form.subject:
            return not others
        return not any(_defines(read[other].text, form.subject) for other in others)

    def of_one(numbers: list[int]) -> Iterator[tuple[OwnQuestion, Form]]:
        random.shuffle(numbers)
        for number in numbers:
            form = question_of(read[number].text, common, kind_of)
            if form is not None and alone(form, number):
                yield _question(form, read[number]), form

    turns = zip_longest(*(of_one(numbers) for numbers in of_document.values()))
    return (each for each in chain.from_iterable(turns) if each is not None)


def _question(form: Form, sentence: _Sentence) -> OwnQuestion:
    end = sentence.start + len(sentence.text)
    document = sentence.document
    asked = Asked(form.question, (form.answer,), document.name, sentence.start, end)
    return OwnQuestion("answered", asked, document.id)


def _answered_once(question: OwnQuestion, read: Sequence[_Sentence]) -> bool:
    """Say whether the words of the answer stand in no other document than the question's."""
    (answer,) = question.asked.answers
    bare = re.sub(r"^(?:the|an?) ", "", answer.lower())
    others = (each.text.lower() for each in read if each.document.id != question.document_id)
    return not any(bare in text for text in others)


def _defines(sentence: str, subject: str) -> bool:
    bare = re.sub(r"^(?:the|an?) ", "", subject, flags=re.IGNORECASE)
    return bool(re.match(rf"(?:the |an? )?{re.escape(bare)} (?:is|are)\b", sentence, re.IGNORECASE))


def _elsewhere(
    library: Library, random: Random, collections: Collection[str]
) -> Iterator[OwnQuestion]:
    """Give the general questions that share at most one content word with any passage."""
    general = GENERAL.read_text("utf-8").splitlines()
    random.shuffle(general)
    for question in general:
        words = set(content_words(question))
        found = library.search(question, LOOKED_AT, collections=collections, weights=WORDS)
        if all(len(words & set(content_words(passage.text))) <= 1 for passage in found):
            yield OwnQuestion("elsewhere", Asked(question))
