"""Search over the starter library with the real encoder must find the right page.

The questions are in a user's words, beside the pages that answer them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.models.encoder import Encoder
from assistant.retrieval.library import Library

PAGES = Path(__file__).resolve().parents[2] / "index" / "documents"
QUESTIONS: tuple[tuple[str, str], ...] = (
    ("How do I choose between top-k and top-p sampling?", "sampling-strategies"),
    ("what does temperature do when generating", "sampling-strategies"),
    ("how can I get the same output every time", "sampling-strategies"),
    ("how much memory does a 7B model need in 4 bits", "quantization"),
    ("what's a GGUF file", "quantization"),
    ("why must I use the matching tokenizer for a model", "tokenizers"),
    ("difference between BPE and WordPiece", "tokenizers"),
    ("what is the attention mask for", "tokenizers"),
    ("IndexFlatIP or IVF, which one", "faiss"),
    ("how do I delete a vector from the index", "faiss"),
    ("HNSW", "faiss"),
    ("what is nucleus sampling", "sampling-strategies"),
    ("how are named entities tagged with B- and I- prefixes", "named-entity-recognition"),
    ("load a csv with the datasets library", "datasets"),
    ("how do I stream a data set that doesn't fit in RAM", "datasets"),
    ("what batch size and shuffle should my DataLoader use", "data-loaders"),
    ("collate function and dynamic padding", "data-loaders"),
    ("when is accuracy misleading", "evaluation-metrics"),
    ("explain macro vs micro F1", "evaluation-metrics"),
    ("what is ROUGE", "evaluation-metrics summarization"),
    ("which learning rate should I use for the Trainer", "fine-tuning"),
    ("what is catastrophic forgetting", "fine-tuning transfer-learning"),
    ("rank and alpha in LoRA", "lora-and-peft"),
    ("how many parameters does LoRA train", "lora-and-peft"),
    ("VADER lexicon compound score", "classic-baselines sentiment-analysis"),
    ("are SVMs still any good", "classic-baselines"),
    ("how does k nearest neighbours classify text", "classic-baselines"),
    ("[MASK] token prediction", "fill-mask"),
    ("how to translate English to German", "translation"),
    ("classify without training data", "zero-shot-classification"),
    ("entailment and NLI hypothesis template", "zero-shot-classification"),
    ("what are logits and heads", "models-and-heads"),
    ("was GPT-2 trained left to right?", "gpt2-and-t5"),
    ("text-to-text prefix of T5", "gpt2-and-t5"),
    ("Llama 2 chat prompt format [INST]", "llama2-and-smollm"),
    ("how small is SmolLM", "llama2-and-smollm"),
    ("how do I stop the model from making things up", "retrieval-augmented-generation"),
    ("how big should chunks be", "retrieval-augmented-generation semantic-search"),
    ("extractive versus abstractive summaries", "summarization"),
    ("summarize a document that's longer than the model can read", "summarization"),
    ("start and end positions of the answer", "question-answering"),
    ("which device does pipeline use, GPU or CPU", "pipelines"),
    ("bi-encoder versus cross-encoder reranking", "semantic-search sentence-embeddings"),
    ("mean pooling", "sentence-embeddings"),
    ("is cosine the same as dot product for normalized vectors", "cosine-similarity"),
    ("how does DistilBERT compare with BERT in speed", "bert-and-distilbert"),
    ("what is self-attention", "transformer-architecture"),
    ("queries keys and values", "transformer-architecture"),
    ("people writing insults with l33t letters to fool the filter", "comment-moderation"),
    ("false positives on identity words", "comment-moderation"),
    ("does this program send my data anywhere", "using-switchboard"),
    ("how do I attach a file", "using-switchboard"),
    ("freezing layers when data is scarce", "transfer-learning fine-tuning"),
    ("label2id for text classification", "text-classification datasets"),
    ("detect sarcasm in reviews", "sentiment-analysis"),
    ("what is BM25", "semantic-search"),
    ("youtube comments api", "comment-moderation"),
    ("max_new_tokens and stopping", "text-generation"),
    ("what does num_beams do", "sampling-strategies text-generation"),
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    made = Library(tmp_path_factory.mktemp("store"), Encoder())
    made.sync(PAGES)
    yield made
    made.close()


def test_every_page_is_read_without_a_warning(library: Library) -> None:
    assert library.warnings == []
    assert {document.name for document in library.documents()} == {
        path.name for path in PAGES.glob("*.md")
    }


def test_the_right_page_comes_first_or_nearly_so(library: Library) -> None:
    ranks = []
    for question, pages in QUESTIONS:
        found = [passage.document for passage in library.search(question, 10)]
        wanted = {f"{page}.md" for page in pages.split()}
        ranks.append(next((rank for rank, name in enumerate(found) if name in wanted), 99))
    first = sum(rank == 0 for rank in ranks) / len(ranks)
    near = sum(rank < 3 for rank in ranks) / len(ranks)
    missed = [question for (question, _), rank in zip(QUESTIONS, ranks, strict=True) if rank]
    assert first >= 0.85, f"{first:.3f} come first; not first: {missed}"
    assert near >= 0.93, f"{near:.3f} are among three; not first: {missed}"


def test_sampling_questions_find_the_section_that_answers_them(library: Library) -> None:
    (best, *_) = library.search("How do I choose between top-k and top-p sampling?")
    assert best.document == "sampling-strategies.md"
    assert "choose between top-k and top-p" in best.heading
    assert best.score > 0.6


def test_the_score_separates_what_the_library_holds_from_what_it_does_not(
    library: Library,
) -> None:
    inside = library.search("what is nucleus sampling", 1)[0].score
    outside = library.search("who won the football world cup in 1966", 1)[0].score
    assert outside < 0.35 < inside
