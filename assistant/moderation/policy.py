"""A policy: from which score, and by which rule, a comment is reviewed or blocked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from assistant.moderation import rules
from assistant.moderation.comments import Comment, Decision
from assistant.moderation.rules import AuthorList
from assistant.moderation.words import Found, WordList, find_meant, words_of
from assistant.types import Span, VerdictName

REVIEW_FLOOR, BLOCK_FLOOR = 0.25, 0.7  # lowest scores that decide anything in the standard policy
STANDARD = "standard"
NAME = r"^[a-z0-9][a-z0-9-]{0,39}$"
NOTHING = Decision("allow", "", "no rule applies and no category reaches its threshold")
MOST_WORDS, LONGEST_WORD = 20_000, 200  # entries of a list, characters of an entry


def _usable(word: str) -> str:
    WordList([word])
    return word


Score = Annotated[float, Field(ge=0, le=1)]
Word = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_WORD),
]
Words = Annotated[
    tuple[Annotated[Word, AfterValidator(_usable)], ...], Field(max_length=MOST_WORDS)
]
Authors = Annotated[tuple[Word, ...], Field(max_length=MOST_WORDS)]
Action = VerdictName
"""What a rule does when it applies; allow switches it off."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(_Value):
    """From which scores of one category a comment is reviewed and blocked; None is never."""

    review: Score | None = None
    block: Score | None = None


class Evidence(_Value):
    """On what a category's threshold was measured, and what came out.

    Attributes:
        verdict: the threshold that it is about.
        threshold: what was chosen.
        target: what was asked for, as a sentence.
        source: the name of the file, or that it was past decisions.
        rows, harmful: how many comments were counted, and how many of them are harmful.
        precision: of those that reach the threshold, the share that is harmful.
        recall: of the harmful ones, the share that reaches it.
        false_positive_rate: of the harmless ones, the share that reaches it.
        interval: between what that rate lies with a chance of 95 %.
        model: the moderation model that scored.
        measured: the day, in ISO 8601.
    """

    verdict: Literal["review", "block"] = "block"
    threshold: Score
    target: Annotated[str, Field(max_length=500)]
    source: Annotated[str, Field(max_length=500)]
    rows: Annotated[int, Field(ge=0)]
    harmful: Annotated[int, Field(ge=0)]
    precision: Score | None
    recall: Score | None
    false_positive_rate: Score
    interval: tuple[Score, Score]
    model: Annotated[str, Field(max_length=200)]
    measured: Annotated[str, Field(max_length=40)]


class Policy(_Value):
    """What decides on a comment. Nothing is ever hidden or deleted by it: it makes a list.

    A trusted author is always allowed. Otherwise these rules are gone through, and the first one
    that blocks decides; if none blocks, the first one that reviews; if none does, the comment is
    allowed: 1. blocked authors, 2. blocked words, 3. reviewed words, 4. only links, 5. links,
    6. only emoji, 7. scores.

    If every word that the model marks in a comment is among the allowed words, its scores count
    one step less: what they would block is reviewed, what they would review is allowed. Other
    rules are not softened.

    Attributes:
        name: lower-case letters, digits and hyphens.
        version: counts from 1 as the policy is saved; 0 was never saved.
        limits: category → the scores from which it decides; others decide nothing.
        blocked_words, reviewed_words, allowed_words: words and phrases (see ``words.WordList``);
            the first two are found in disguise as well.
        blocked_authors, trusted_authors: names, or ids of channels.
        links: what happens to a comment with a link.
        only_links: what happens to one of links alone.
        only_emoji: what happens to one whose share of text is ``emoji_share`` or less.
        emoji_share: text / (text + emoji), see ``rules.text_share``; 0.5 means emoji alone.
        evidence: category → what its threshold was measured on, where it was.
        note, by, created: why this version was saved, by whom, and when, in ISO 8601.
    """

    name: Annotated[str, Field(pattern=NAME)] = STANDARD
    version: Annotated[int, Field(ge=0)] = 0
    description: Annotated[str, Field(max_length=500)] = ""
    limits: dict[str, Limits]
    blocked_words: Words = ()
    reviewed_words: Words = ()
    allowed_words: Words = ()
    blocked_authors: Authors = ()
    trusted_authors: Authors = ()
    links: Action = "allow"
    only_links: Action = "allow"
    only_emoji: Action = "allow"
    emoji_share: Annotated[float, Field(ge=0.5, lt=1)] = 0.65
    evidence: dict[str, Evidence] = {}
    note: Annotated[str, Field(max_length=1000)] = ""
    by: Annotated[str, Field(max_length=200)] = ""
    created: Annotated[str, Field(max_length=40)] = ""

    @property
    def label(self) -> str:
        """The name and version, as decisions record them: ``forum@3``."""
        return f"{self.name}@{self.version}"

    def __copy__(self) -> Policy:
        """Return a copy without the lists made ready, which ``model_copy`` would not renew."""
        return self.model_construct(**dict(self))

    def decide(
        self, comment: Comment, scores: Mapping[str, float], spans: Sequence[Span] = ()
    ) -> Decision:
        """Return the verdict, and the rule or score behind it; ``spans`` are the marked words."""
        if self._trusted_authors.wrote(comment):
            return Decision("allow", "trusted_authors", "a trusted author wrote it")
        found = list(self._found(comment, scores, spans))
        for verdict in ("block", "review", "allow"):
            for decision in found:
                if decision.verdict == verdict:
                    return decision
        return NOTHING

    def _found(
        self, comment: Comment, scores: Mapping[str, float], spans: Sequence[Span]
    ) -> Iterator[Decision]:
        """Yield what each rule says, in their order."""
        text = comment.text
        if self._blocked_authors.wrote(comment):
            yield Decision("block", "blocked_authors", "its author is on the list of blocked ones")
        yield from _worded("block", "blocked_words", find_meant(self._blocked_words, text))
        yield from _worded("review", "reviewed_words", find_meant(self._reviewed_words, text))
        if self.only_links != "allow" and rules.is_links_alone(text):
            reason = "it consists of links alone"
            yield Decision(self.only_links, "only_links", reason, rules.links(text))
        if self.links != "allow" and (places := rules.links(text)):
            yield Decision(self.links, "links", "it has a link", places)
        if self.only_emoji != "allow" and rules.text_share(text) <= self.emoji_share:
            yield Decision(self.only_emoji, "only_emoji", "it is mostly emoji")
        yield from self._scored(text, scores, spans)

    def _scored(
        self, text: str, scores: Mapping[str, float], spans: Sequence[Span]
    ) -> Iterator[Decision]:
        found = self._over("block", scores) or self._over("review", scores)
        if found and self._all_allowed(text, spans):
            softer: VerdictName = "review" if found.verdict == "block" else "allow"
            reason = f"{found.reason}, but every marked word is an allowed one"
            found = Decision(softer, found.rule if softer == "review" else "allowed_words", reason)
        if found:
            yield found

    def _over(
        self, verdict: Literal["block", "review"], scores: Mapping[str, float]
    ) -> Decision | None:
        """Return the decision of the category that is furthest above its threshold, if any is."""
        thresholds = {name: getattr(limits, verdict) for name, limits in self.limits.items()}
        over = {
            name: scores[name] - threshold
            for name, threshold in thresholds.items()
            if threshold is not None and scores.get(name, -1.0) >= threshold
        }
        if not over:
            return None
        worst = max(over, key=lambda name: over[name])
        return Decision(
            verdict,
            worst,
            f"{worst.replace('_', ' ')} is {scores[worst]:.2f}; "
            f"from {thresholds[worst]:.2f} on the verdict is {verdict}",
        )

    def _all_allowed(self, text: str, spans: Sequence[Span]) -> bool:
        """Say whether there are marked words, and each is within an allowed word or phrase."""
        if not spans or not self._allowed_words:
            return False
        allowed = _covered(text, self._allowed_words.find(text))
        marked = _covered(text, spans)
        return all(allowed[start] for start, end in words_of(text) if any(marked[start:end]))

    @cached_property
    def _blocked_words(self) -> WordList:
        return WordList(self.blocked_words)

    @cached_property
    def _reviewed_words(self) -> WordList:
        return WordList(self.reviewed_words)

    @cached_property
    def _allowed_words(self) -> WordList:
        return WordList(self.allowed_words)

    @cached_property
    def _blocked_authors(self) -> AuthorList:
        return AuthorList(self.blocked_authors)

    @cached_property
    def _trusted_authors(self) -> AuthorList:
        return AuthorList(self.trusted_authors)


def _covered(text: str, places: Sequence[Found | Span]) -> bytearray:
    """Return for each character 1 where one of the places covers it; quick for a long comment."""
    covered = bytearray(len(text))
    for place in places:
        covered[place.start : place.end] = b"\1" * (place.end - place.start)
    return covered


def _worded(verdict: VerdictName, rule: str, found: Sequence[Found]) -> Iterator[Decision]:
    if found:
        kind = rule.replace("_", " ")
        spans = tuple(Span(place.start, place.end, kind, 1.0) for place in found)
        reason = f"“{found[0].entry}” is one of the {kind}"
        yield Decision(verdict, rule, reason, spans)


def standard(
    thresholds: Mapping[str, Mapping[str, float]], experimental: Collection[str] = ()
) -> Policy:
    """Return the policy of a model's own thresholds, none below the floors.

    A category that hardly occurs in the validation data gets tiny thresholds there; eight of
    them together would send every other harmless comment to review. Experimental categories decide
    nothing.
    """
    return Policy(
        description="The thresholds that the moderation model brings along, and no other rules.",
        limits={
            name: Limits(
                review=max(REVIEW_FLOOR, pair["review"]), block=max(BLOCK_FLOOR, pair["block"])
            )
            for name, pair in thresholds.items()
        }
        | {name: Limits() for name in experimental},
    )
