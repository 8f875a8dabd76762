"""Small checkpoints of each architecture: random weights, trained tokenizers, real files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant.models.encoder import package_folder
from assistant.settings import PROJECT

SMALL = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
PIECES = 400  # entries of a tokenizer trained here


def lines() -> list[str]:
    """Return text to train tokenizers on: pages of the starter library."""
    pages = sorted((PROJECT / "index" / "documents").glob("*.md"))[:4]
    return [line for page in pages for line in page.read_text("utf-8").splitlines() if line]


def bert(folder: Path, kind: str, labels: Sequence[str] = ("a", "b"), family: str = "Bert") -> str:
    """Save a BERT or DistilBERT with a head of ``kind`` and WordPiece; return its folder."""
    import torch
    import transformers

    torch.manual_seed(0)
    names = dict(enumerate(labels))
    if family == "DistilBert":
        size = {"dim": 32, "hidden_dim": 32, "n_layers": 2, "n_heads": 2}
    else:
        size = {**SMALL, "intermediate_size": 32}
    config = getattr(transformers, f"{family}Config")(
        **size, id2label=names, label2id={name: place for place, name in names.items()}
    )
    getattr(transformers, f"{family}For{kind}")(config).save_pretrained(folder)
    transformers.AutoTokenizer.from_pretrained(package_folder()).save_pretrained(folder)
    return str(folder)


def bart(folder: Path, kind: str, labels: Sequence[str] = ("a", "b")) -> str:
    """Save a BART with a head of ``kind`` and a byte-level BPE; return its folder."""
    import torch
    import transformers
    from tokenizers import ByteLevelBPETokenizer
    from tokenizers.processors import RobertaProcessing

    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    bpe = ByteLevelBPETokenizer()
    bpe.train_from_iterator(lines(), vocab_size=PIECES, special_tokens=special)
    bpe.post_processor = RobertaProcessing(("</s>", 2), ("<s>", 0))
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        bos_token="<s>",
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        mask_token="<mask>",
        model_input_names=["input_ids", "attention_mask"],
        model_max_length=128,
    )
    torch.manual_seed(0)
    config = transformers.BartConfig(
        vocab_size=len(tokenizer),
        **_encoder_decoder(),
        max_position_embeddings=128,
        id2label=dict(enumerate(labels)),
    )
    getattr(transformers, f"BartFor{kind}")(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def t5(folder: Path) -> str:
    """Save a T5 with a unigram tokenizer and the tasks that t5-small names; return its folder."""
    import torch
    import transformers
    from tokenizers import SentencePieceUnigramTokenizer
    from tokenizers.processors import TemplateProcessing

    unigram = SentencePieceUnigramTokenizer()
    unigram.train_from_iterator(
        lines(), vocab_size=PIECES, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>"
    )
    unigram.post_processor = TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=unigram,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        model_input_names=["input_ids", "attention_mask"],
    )
    torch.manual_seed(0)
    config = transformers.T5Config(
        vocab_size=len(tokenizer),
        d_model=32,
        d_kv=16,
        d_ff=32,
        num_layers=2,
        num_heads=2,
        decoder_start_token_id=0,
    )
    transformers.T5ForConditionalGeneration(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    _add(
        folder / "config.json",
        task_specific_params={
            "summarization": {"prefix": "summarize: "},
            "translation_en_to_de": {"prefix": "translate English to German: "},
            "translation_en_to_fr": {"prefix": "translate English to French: "},
        },
    )
    return str(folder)


def marian(folder: Path) -> str:
    """Save a Marian model from English to German with its two SentencePiece files."""
    import sentencepiece
    import torch
    import transformers

    folder.mkdir(parents=True, exist_ok=True)
    for side in ("source", "target"):
        with (folder / f"{side}.spm").open("wb") as file:
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=iter(lines()),
                model_writer=file,
                vocab_size=PIECES,
                minloglevel=2,
            )
    model = sentencepiece.SentencePieceProcessor(model_file=str(folder / "source.spm"))
    pieces = ["</s>", "<unk>", *(model.id_to_piece(i) for i in range(3, len(model))), "<pad>"]
    (folder / "vocab.json").write_text(json.dumps({p: i for i, p in enumerate(pieces)}), "utf-8")
    tokenizer = transformers.MarianTokenizer(
        source_spm=str(folder / "source.spm"),
        target_spm=str(folder / "target.spm"),
        vocab=str(folder / "vocab.json"),
        source_lang="en",
        target_lang="de",
    )
    pad = len(pieces) - 1
    torch.manual_seed(0)
    config = transformers.MarianConfig(
        vocab_size=len(pieces),
        **_encoder_decoder(),
        max_position_embeddings=128,
        pad_token_id=pad,
        eos_token_id=0,
        decoder_start_token_id=pad,
        forced_eos_token_id=0,
    )
    transformers.MarianMTModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def llama(folder: Path) -> str:
    """Save a Llama with a byte-level BPE; return its folder."""
    import torch
    import transformers
    from tokenizers import ByteLevelBPETokenizer

    bpe = ByteLevelBPETokenizer()
    bpe.train_from_iterator(lines(), vocab_size=PIECES, special_tokens=["<s>", "</s>"])
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=bpe, bos_token="<s>", eos_token="</s>", pad_token="</s>"
    )
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer),
        **SMALL,
        intermediate_size=32,
        max_position_embeddings=512,
        bos_token_id=0,
        eos_token_id=1,
    )
    transformers.LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def _encoder_decoder() -> dict[str, int]:
    halves = ("encoder", "decoder")
    sizes = {f"{half}_{name}": 2 for half in halves for name in ("layers", "attention_heads")}
    return {"d_model": 32, **sizes, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32}


def _add(file: Path, **values: Any) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), **values}), "utf-8")
