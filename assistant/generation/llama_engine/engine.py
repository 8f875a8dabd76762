"""Continuous batching: one thread decodes the replies of several readers together.

Every step is one ``llama_decode`` of one token for each reply being written, plus a chunk of the
prompts being read, so a long prompt does not stop the others. Requests that find no free slot
wait in order. A slot keeps its last conversation, so the next turn reads only what is new.
"""

from __future__ import annotations

import threading
from collections import deque

from assistant.errors import GeneratorError
from assistant.generation.llama_engine.model import Model
from assistant.generation.llama_engine.native import library
from assistant.generation.llama_engine.request import Request
from assistant.generation.llama_engine.sampling import sampler_chain
from assistant.generation.llama_engine.slots import Slot, best_slot, shared

CHUNK = 256  # prompt tokens a step; bounds how long the others wait, and how late Stop works
_NO_ROOM = 1  # what llama_decode returns when the cache is full


class Engine:
    """Writes replies with one model until ``close``; owns the model from then on.

    ``cells`` is the size of the cache in tokens, shared by all ``slots``; a request may take at
    most all of it. ``threads`` is the number of CPU threads.
    """

    def __init__(self, model: Model, *, slots: int, cells: int, threads: int) -> None:
        native = library()
        parameters = native.llama_context_default_params()
        parameters.n_ctx = cells
        parameters.n_batch = parameters.n_ubatch = CHUNK + slots
        parameters.n_seq_max = slots
        parameters.kv_unified = True  # slots share the cells as they need them
        # Flash attention skips the cells of other slots; without it each slot pays for all.
        parameters.flash_attn_type = native.LLAMA_FLASH_ATTN_TYPE_AUTO
        parameters.n_threads = parameters.n_threads_batch = threads
        self._context = native.llama_init_from_model(model.handle, parameters)
        if not self._context:
            raise GeneratorError(
                f"There is not enough memory for a context of {cells} tokens with the model "
                f"{model.path.name}. Lower the context setting, or choose a smaller model."
            )
        self._native = native
        self._model = model
        self._memory = native.llama_get_memory(self._context)
        self._batch = native.llama_batch_init(CHUNK + slots, 0, 1)
        self._cells = native.llama_n_ctx(self._context)
        self._slots = [Slot(number) for number in range(slots)]
        self._waiting: deque[Request] = deque()
        self._wake = threading.Condition()
        self._closing = False
        self._admitted = 0
        self._thread = threading.Thread(target=self._run, name="llama-engine", daemon=True)
        self._thread.start()

    def submit(self, request: Request) -> None:
        """Queue a request; its pieces come out of ``request.read()``.

        Raises:
            GeneratorError: the engine is closed.
        """
        with self._wake:
            if self._closing:
                raise GeneratorError("The generator was closed. Send the message again.")
            self._waiting.append(request)
            self._wake.notify()

    def close(self) -> None:
        """Break off all replies, end the thread and free the model."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not (self._closing or self._waiting or self._busy()):
                    self._wake.wait()
                if self._closing:
                    break
                self._admit()
            self._step()
        self._shut("The generator was closed before the reply was whole. Send the message again.")

    def _busy(self) -> list[Slot]:
        return [slot for slot in self._slots if slot.request]

    # Giving slots to requests, in the order they came

    def _admit(self) -> None:
        while self._waiting:
            request = self._waiting[0]
            if request.cancelled:
                self._waiting.popleft()
                continue
            reserved = sum(slot.cells for slot in self._busy())
            if len(self._busy()) == len(self._slots) or reserved + request.cells > self._cells:
                return
            self._waiting.popleft()
            slot = best_slot(self._slots, request.prompt)
            self._start(slot, request)
            self._make_room()

    def _start(self, slot: Slot, request: Request) -> None:
        # The last prompt token is decoded in any case: its logits give the first new token.
        keep = shared(slot.tokens, request.prompt[:-1])
        if not self._native.llama_memory_seq_rm(self._memory, slot.number, keep, -1):
            keep = 0  # recurrent models cannot forget a part
            self._native.llama_memory_seq_rm(self._memory, slot.number, -1, -1)
        slot.tokens = request.prompt[:keep]
        slot.pending = request.prompt[keep:]
        slot.request = request
        slot.sampler = sampler_chain(request.sampling)
        slot.written = 0
        self._admitted += 1
        slot.used = self._admitted

    def _make_room(self) -> None:
        idle = sorted((slot for slot in self._slots if not slot.request), key=lambda s: s.used)
        for slot in idle:
            if sum(other.cells for other in self._slots) <= self._cells:
                return
            self._forget(slot)

    def _forget(self, slot: Slot) -> None:
        self._native.llama_memory_seq_rm(self._memory, slot.number, -1, -1)
        slot.tokens = []

    # One step

    def _step(self) -> None:
        for slot in self._busy():
            if slot.request and slot.request.cancelled:
                self._release(slot)
        taken = self._fill_batch()
        if not taken:
            return
        status = self._native.llama_decode(self._context, self._batch)
        if status != 0:
            self._break_off(status)
            return
        for slot, count in taken:
            slot.tokens += slot.pending[:count]
            del slot.pending[:count]
        for slot, _ in taken:
            if slot.output >= 0:
                self._write(slot)

    def _fill_batch(self) -> list[tuple[Slot, int]]:
        """Put the next tokens of every busy slot into the batch; return how many of which."""
        batch = self._batch
        taken: list[tuple[Slot, int]] = []
        filled = 0
        room = CHUNK
        # Replies being written have one token pending; then prompts, first come first served.
        for slot in sorted(self._busy(), key=lambda slot: (slot.written == 0, slot.used)):
            count = len(slot.pending) if slot.written else min(len(slot.pending), room)
            room -= 0 if slot.written else count
            start = len(slot.tokens)
            for offset in range(count):
                batch.token[filled] = slot.pending[offset]
                batch.pos[filled] = start + offset
                batch.n_seq_id[filled] = 1
                batch.seq_id[filled][0] = slot.number
                batch.logits[filled] = 0
                filled += 1
            slot.output = -1
            if count and count == len(slot.pending):
                slot.output = filled - 1
                batch.logits[filled - 1] = 1
            if count:
                taken.append((slot, count))
        batch.n_tokens = filled
        return taken

    def _write(self, slot: Slot) -> None:
        request = slot.request
        assert request is not None
        token = self._native.llama_sampler_sample(slot.sampler, self._context, slot.output)
        slot.written += 1
        if self._model.ends(token):
            self._release(slot)
            return
        request.give(self._model.piece(token))
        if slot.written >= request.limit:
            self._release(slot)
            return
        slot.pending = [token]

    def _release(self, slot: Slot, error: GeneratorError | None = None) -> None:
        if slot.request:
            slot.request.finish(error)
            self._native.llama_sampler_free(slot.sampler)
        slot.request = None
        slot.sampler = None
        slot.pending = []

    def _break_off(self, status: int) -> None:
        reason = "its cache is full" if status == _NO_ROOM else f"llama_decode returned {status}"
        for slot in self._slots:
            self._release(
                slot,
                GeneratorError(f"The generator broke off: {reason}. Send the message again."),
            )
            self._forget(slot)

    def _shut(self, message: str) -> None:
        for slot in self._slots:
            self._release(slot, GeneratorError(message))
        for request in self._waiting:
            request.finish(GeneratorError(message))
        self._native.llama_batch_free(self._batch)
        self._native.llama_free(self._context)
        self._model.close()
