"""What the Perspective API is asked: its requests' fields, and the rules that they must keep."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from assistant.api.bodies import whole
from assistant.api.google_errors import GoogleError, analysis_error
from assistant.api.markup import visible
from assistant.moderation.normalization import Normalized

MOST_BYTES = 20_480  # of a comment's text in UTF-8
LONGEST_WORD = 1_000  # characters of a token, a name and the like
PROBABILITIES = ("", "SCORE_TYPE_UNSPECIFIED", "PROBABILITY")  # the score types that we give
TEXT_TYPES = ("", "TEXT_TYPE_UNSPECIFIED", "PLAIN_TEXT", "HTML")

Word = Annotated[str, Field(max_length=LONGEST_WORD)]
Asked = Literal["requested", "detected"]
"""Where a comment's languages come from."""
Message = TypeVar("Message", bound="_Message")


class _Message(BaseModel):
    """Fields are in camel case or, as Google's servers take them too, with underscores."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True
    )


class TextEntry(_Message):
    """A text and how it is written."""

    text: str = ""
    type: Word = ""


class ArticleAndParent(_Message):
    """What a comment stands below."""

    article: TextEntry = TextEntry()
    parent_comment: TextEntry = TextEntry()


class Context(_Message):
    """What a comment was said to. It is not scored; entries of suggestions are not kept."""

    entries: list[TextEntry] = []
    article_and_parent_comment: ArticleAndParent | None = None


class AttributeParameters(_Message):
    """How an attribute is wanted."""

    score_type: Word = ""
    score_threshold: float | None = None


class Score(_Message):
    """A score that a client suggests."""

    value: Annotated[float, Field(ge=0, le=1)] = 0.0
    type: Word = ""


class SpanScore(_Message):
    """A score of a part of the text."""

    begin: int = 0
    end: int = 0
    score: Score = Score()


class AttributeScores(_Message):
    """Scores of one attribute, of the whole text or of parts."""

    summary_score: Score | None = None
    span_scores: list[SpanScore] = []

    def worst(self) -> float:
        """Return the score of the whole text, or of its worst part where only parts have one."""
        if self.summary_score is not None:
            return self.summary_score.value
        return max((span.score.value for span in self.span_scores), default=0.0)


class _Request(_Message):
    comment: TextEntry = TextEntry()
    context: Context = Context()
    languages: Annotated[list[Word], Field(max_length=20)] = []
    community_id: Word = ""
    client_token: Word = ""
    session_id: Word = ""

    def text(self) -> Normalized:
        """Return the comment's plain text; its places are those in what was sent.

        They count UTF-16 units, as the API's offsets do: an emoji is two.

        Raises:
            GoogleError: it is empty, too long, or of a type that nobody knows.
        """
        entries = self.context.entries
        if entries and self.context.article_and_parent_comment is not None:
            raise analysis_error(
                "Context can have either entries or article_and_parent_comment, but both fields "
                "were populated."
            )
        for entry in (self.comment, *entries):
            if entry.type not in TEXT_TYPES:
                raise analysis_error(
                    f"Unknown text type {entry.type!r}. Send PLAIN_TEXT or HTML, or leave it out."
                )
        sent = whole(self.comment.text)
        size = len(sent.encode())
        if size > MOST_BYTES:
            raise analysis_error(
                f"Comment text too long. It has {size:,} bytes; the most is {MOST_BYTES:,}.",
                "COMMENT_TOO_LONG",
            )
        markup = self.comment.type == "HTML"
        plain = visible(sent) if markup else Normalized(sent, range(len(sent) + 1))
        if not plain.text.strip():
            raise analysis_error("Comment must be non-empty.", "COMMENT_EMPTY")
        units = [0, *itertools.accumulate(1 + (ord(character) > 0xFFFF) for character in sent)]
        return Normalized(plain.text, [units[place] for place in plain.places])


class AnalyzeRequest(_Request):
    """A comment to score; nothing of it is ever kept, whatever ``do_not_store`` says."""

    requested_attributes: Annotated[dict[Word, AttributeParameters], Field(max_length=100)] = {}
    span_annotations: bool = False
    do_not_store: bool = False
    drop_unsupported_attributes: bool = False

    def attributes(self) -> dict[str, AttributeParameters]:
        """Return what is asked for, of which there is something.

        Raises:
            GoogleError: nothing is asked for, or a score type that we do not give.
        """
        if not self.requested_attributes:
            raise analysis_error(
                'Missing requested_attributes. Name what to score, such as {"TOXICITY": {}}.',
                "NO_REQUESTED_ATTRIBUTES",
            )
        for name, wanted in self.requested_attributes.items():
            if wanted.score_type not in PROBABILITIES:
                raise analysis_error(
                    f"Requested score type {wanted.score_type} is not supported by attribute "
                    f"{name}. PROBABILITY is."
                )
        return self.requested_attributes


class SuggestRequest(_Request):
    """The scores that a comment should have had."""

    attribute_scores: Annotated[dict[Word, AttributeScores], Field(max_length=100)] = {}


def read(kind: type[Message], body: dict[str, Any]) -> Message:
    """Return the message of a JSON object.

    Raises:
        GoogleError: a field is unknown or its value unusable; names each of the first five.
    """
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        violations = [_violation(problem) for problem in error.errors(include_url=False)[:5]]
    reasons = "; ".join(f"{found['field']}: {found['description']}" for found in violations)
    details = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations}
    raise GoogleError(400, "INVALID_ARGUMENT", f"Invalid JSON payload: {reasons}.", [details])


def _violation(problem: Any) -> dict[str, str]:
    field = ".".join(str(part) for part in problem["loc"])[:200]
    if problem["type"] == "extra_forbidden":
        return {"field": field, "description": "there is no field of this name"}
    return {"field": field, "description": problem["msg"][0].lower() + problem["msg"][1:]}


def unknown_attribute(name: str, known: Sequence[str]) -> GoogleError:
    """Return the error for an attribute that the model does not score."""
    return analysis_error(
        f"Unknown requested attribute: {name}. This server scores {', '.join(known)}."
    )


def unsupported_language(
    name: str, found: Sequence[str], known: Sequence[str], kind: Asked
) -> GoogleError:
    """Return the error for a comment in languages that the model was not made for."""
    return analysis_error(
        f"Attribute {name} does not support request languages: {', '.join(found)}. This server's "
        f"model was made for {', '.join(known)}.",
        "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        languageNotSupportedByAttributeError={f"{kind}Languages": list(found), "attribute": name},
    )
