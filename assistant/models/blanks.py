"""Fills the blanks of a text with a masked language model of the Hugging Face hub."""

from __future__ import annotations

from assistant.errors import ModelError
from assistant.models.classifier import softmax
from assistant.models.hub_model import HubModel

BLANK = "[MASK]"  # how a blank is written, whatever the model calls it


class HubBlanks:
    """A model with a masked-language-modelling head."""

    runtime = HubModel.runtime

    def __init__(self, name: str) -> None:
        self.name = name
        self._model = HubModel("MaskedLM", name)
        if self._model.tokenizer.mask_token is None:
            raise ModelError(
                f"The model {name} knows no blanks (its tokenizer has no mask token). "
                "Choose another with --models fill_mask=…"
            )

    def fill(self, text: str, count: int = 5) -> list[dict[str, float]]:
        """Return, for each ``[MASK]`` in order, the likeliest words and their probabilities.

        Blanks beyond the first row of tokens that the model can read are left out.
        """
        tokenizer = self._model.tokenizer
        encoded = self._model.encode([text.replace(BLANK, str(tokenizer.mask_token))])
        logits = next(iter(self._model.run(encoded)))[0]
        found = []
        for place, token in enumerate(encoded["input_ids"][0]):
            if token == tokenizer.mask_token_id:
                probabilities = softmax(logits[place])
                best = probabilities.argsort()[::-1][:count]
                found.append(
                    {tokenizer.decode([int(i)]).strip(): float(probabilities[i]) for i in best}
                )
        return found
