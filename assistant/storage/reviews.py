"""Reviews: the queue of judged comments and every decision on them.

Every method takes who asks; what they may not see (``review_queries.visible``) behaves exactly
like what does not exist.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager

from sqlalchemy import ColumnElement, Engine, and_, case, delete, func, insert, select
from sqlalchemy.orm import Session

from assistant.moderation.comments import Comment, Judged
from assistant.moderation.reviews import (
    EVERYTHING,
    Choice,
    PastDecision,
    ReviewCounts,
    ReviewFilter,
    ReviewItem,
    ReviewJob,
    Sort,
    Undone,
)
from assistant.storage import review_charts
from assistant.storage import review_deciding as deciding
from assistant.storage.database import transaction
from assistant.storage.review_queries import (
    due,
    item_row,
    job_row,
    matching,
    ordered,
    said_by,
    touched,
    visible,
)
from assistant.storage.review_rows import item_values, parent, past_decisions, review_items
from assistant.storage.review_tables import ItemRow, JobRow
from assistant.storage.rows import one_line, utc
from assistant.storage.tables import new_id

BATCH = 1_000  # comments a transaction


class Reviews:
    """The review queue of a database; safe to use from many threads and processes.

    ``writer`` is an engine that takes the write lock first. Every method raises StorageError when
    the database cannot be used.
    """

    def __init__(self, engine: Engine, writer: Engine) -> None:
        self._engine = engine
        self._writer = writer

    def begin(self, owner: str, title: str, policy: str, model: str) -> str:
        """Make an empty job and return its id.

        Args:
            owner: whose it is.
            title: what people call it, such as the file's name.
            policy: the label of the policy that judges, such as ``forum@3``.
            model: what gives the scores; see ``Models.label``.
        """
        with self._write() as session:
            row = JobRow(
                owner=owner, title=one_line(title) or "Comments", policy=policy, model=model
            )
            session.add(row)
            session.flush()
            return row.id

    def add(self, owner: str, job: str, judged: Iterable[Judged]) -> int:
        """Add judged comments to a job and return how many.

        They are kept in batches: what was read from ``judged`` before it broke off stays.

        Raises:
            InputError: the job is not there.
        """
        count = 0
        comments = iter(judged)
        while batch := list(itertools.islice(comments, BATCH)):
            with self._write() as session:
                job_row(session, owner, job)
                session.execute(insert(ItemRow), [item_values(job, item) for item in batch])
            count += len(batch)
        return count

    def jobs(self, owner: str) -> tuple[ReviewJob, ...]:
        """Return the jobs that ``owner`` may see, the newest first."""
        counts = select(
            func.count(ItemRow.id),
            func.count(case((ItemRow.action.is_(None), ItemRow.id))),
            func.count(case((and_(ItemRow.allowed > 0, ItemRow.blocked > 0), ItemRow.id))),
        )
        with self._read() as session:
            rows = session.scalars(
                select(JobRow).where(visible(owner)).order_by(JobRow.created.desc(), JobRow.id)
            )
            return tuple(
                ReviewJob(
                    row.id, row.owner, row.title, row.policy, row.model, utc(row.created),
                    *session.execute(counts.where(ItemRow.job_id == row.id)).one(),
                )
                for row in rows
            )  # fmt: skip

    def clear(self, owner: str, job: str) -> int:
        """Delete the comments of a job on which nobody decided anything; return how many.

        Decisions are kept for good, and so is what they were about. A job of which nothing is
        left is deleted, too.

        Raises:
            InputError: the job is not there.
        """
        with self._write() as session:
            row = job_row(session, owner, job)
            gone = session.execute(delete(ItemRow).where(ItemRow.job_id == job, ~touched()))
            left = session.scalar(select(func.count(ItemRow.id)).where(ItemRow.job_id == job))
            if not left:
                session.delete(row)
            return int(getattr(gone, "rowcount", 0))

    def items(
        self,
        owner: str,
        job: str | None = None,
        wanted: ReviewFilter = EVERYTHING,
        sort: Sort = "position",
        descending: bool = False,
        offset: int = 0,
        limit: int = 50,
    ) -> tuple[ReviewItem, ...]:
        """Return a page of the comments of a job, or of all jobs, that match."""
        query = select(ItemRow).where(*matching(owner, job, wanted))
        query = query.order_by(*ordered(sort, descending)).offset(offset).limit(limit)
        with self._read() as session:
            return review_items(session, session.scalars(query).all())

    def each(
        self, owner: str, job: str | None = None, wanted: ReviewFilter = EVERYTHING
    ) -> Iterator[ReviewItem]:
        """Yield every comment that matches in the order of the source, a batch at a time."""
        yield from self._each(matching(owner, job, wanted))

    def count(self, owner: str, job: str | None = None, wanted: ReviewFilter = EVERYTHING) -> int:
        """Return how many comments match."""
        with self._read() as session:
            query = select(func.count(ItemRow.id)).where(*matching(owner, job, wanted))
            return session.scalar(query) or 0

    def counts(
        self, owner: str, job: str | None = None, wanted: ReviewFilter = EVERYTHING
    ) -> ReviewCounts:
        """Return the numbers for charts of the comments that match."""
        with self._read() as session:
            return review_charts.counts(session, matching(owner, job, wanted))

    def item(self, owner: str, item_id: int) -> ReviewItem:
        """Return one comment; raises InputError when it is not there."""
        with self._read() as session:
            return review_items(session, [item_row(session, owner, item_id)])[0]

    def answered(self, owner: str, item: ReviewItem) -> Comment | None:
        """Return the comment that one replies to, if its job holds that, too."""
        with self._read() as session:
            conditions = matching(owner, item.job, EVERYTHING)
            return parent(session, conditions, item.comment) if item.comment.reply_to else None

    def disagreements(self, owner: str, job: str | None = None) -> Iterator[ReviewItem]:
        """Yield the comments on which moderators contradict each other."""
        return self.each(owner, job, ReviewFilter(state="disputed"))

    def next(
        self,
        moderator: str,
        job: str | None = None,
        wanted: ReviewFilter = EVERYTHING,
        second_opinion: bool = False,
    ) -> ReviewItem | None:
        """Return the open comment with the highest score, or None when there is no more.

        It is this moderator's for some minutes (``review_deciding.LEASE``), and the one that
        they get if they ask again. What they skipped does not come back to them.

        Args:
            moderator: who asks.
            job: of which job; any if None.
            wanted: only these.
            second_opinion: instead of open ones, those that one other moderator decided on.
        """
        offered = (*matching(moderator, job, wanted), due(second_opinion), ~said_by(moderator))
        with self._write() as session:
            row = deciding.lease(session, moderator, offered)
            return review_items(session, [row])[0] if row else None

    def decide(self, moderator: str, item_id: int, action: Choice, note: str = "") -> ReviewItem:
        """Record what the moderator says of a comment and return it as it stands now.

        The same decision twice in a row is recorded once.

        Raises:
            InputError: the comment is not there, or another moderator is looking at it.
        """
        deciding.check(action)
        with self._write() as session:
            row = item_row(session, moderator, item_id, lock=True)
            deciding.decide(session, row, moderator, action, note)
            return review_items(session, [row])[0]

    def bulk(
        self, moderator: str, job: str, wanted: ReviewFilter, action: Choice, note: str = ""
    ) -> int:
        """Record the same of every comment of the job that matches; return of how many.

        Left out are those that another moderator is looking at, and those of which this one says
        so already. One ``undo`` takes all of it back.

        Raises:
            InputError: the job is not there.
        """
        deciding.check(action)
        conditions = (*matching(moderator, job, wanted), ~said_by(moderator, action))
        batch, last, count = new_id(), 0, 0
        while True:
            with self._write() as session:
                job_row(session, moderator, job)
                words = (action, note, batch)
                found = deciding.decide_page(
                    session, (*conditions, ItemRow.id > last), moderator, words, BATCH
                )
            if not found:
                return count
            last, count = found[-1], count + len(found)

    def undo(self, moderator: str, job: str | None = None) -> Undone:
        """Take back the moderator's last decision, or all that the last ``bulk`` did.

        Asked again, the one before. What was said before that decision stands again.

        Raises:
            InputError: there is nothing to take back.
        """
        conditions = matching(moderator, job, EVERYTHING)
        with self._read() as session:
            batch = deciding.last_batch(session, conditions, moderator)
        items: list[int] = []
        while True:
            with self._write() as session:
                found = deciding.take_back(session, conditions, moderator, batch, BATCH)
            if not found:
                break
            items += found
        if len(items) != 1:
            return Undone(len(items), None)
        with self._write() as session:
            row = item_row(session, moderator, items[0], lock=True)
            deciding.hold(row, moderator)
            return Undone(1, review_items(session, [row])[0])

    def decisions(self, owner: str, job: str | None = None) -> Iterator[PastDecision]:
        """Yield every record on the comments that ``owner`` may see, comment by comment."""
        for item in self._each([*matching(owner, job, EVERYTHING), touched()]):
            yield from past_decisions(item)

    def undecided(self, owner: str, job: str | None = None, limit: int = 1_000) -> tuple[str, ...]:
        """Return the texts of open comments, drawn at random."""
        open_ones = matching(owner, job, ReviewFilter(state="open"))
        drawn = select(ItemRow.id).where(*open_ones).order_by(func.random()).limit(limit)
        with self._read() as session:
            return tuple(session.scalars(select(ItemRow.text).where(ItemRow.id.in_(drawn))))

    def _each(self, conditions: Sequence[ColumnElement[bool]]) -> Iterator[ReviewItem]:
        last = 0
        while True:
            query = select(ItemRow).where(*conditions, ItemRow.id > last)
            with self._read() as session:
                rows = session.scalars(query.order_by(ItemRow.id).limit(BATCH)).all()
                found = review_items(session, rows)
            if not found:
                return
            last = found[-1].id
            yield from found

    def _read(self) -> AbstractContextManager[Session]:
        return transaction(self._engine)

    def _write(self) -> AbstractContextManager[Session]:
        return transaction(self._writer)
