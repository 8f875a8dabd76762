"""The words sent to a generator: ``prompts/*.jinja``, rendered with exactly their variables.

Knows nothing about chat templates or models. A variable too many is an error as well as one too
few, so that a prompt and its caller cannot drift apart unseen.
"""

from __future__ import annotations

from functools import cache

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from assistant.errors import PromptError
from assistant.settings import PROJECT

DIRECTORY = PROJECT / "prompts"


def names() -> tuple[str, ...]:
    """Return the names of all prompts, in alphabetical order."""
    return tuple(sorted(path.stem for path in DIRECTORY.glob("*.jinja")))


def variables(name: str) -> frozenset[str]:
    """Return the names of the values that the prompt needs.

    Raises:
        PromptError: there is no such prompt, or it is not a valid template.
    """
    environment = _environment()
    if name not in names():
        raise PromptError(
            f"There is no prompt {name!r}; the prompts are {', '.join(names()) or 'missing'}. "
            f"Add {DIRECTORY.name}/{name}.jinja or use one of them."
        )
    source = (DIRECTORY / f"{name}.jinja").read_text(encoding="utf-8")
    try:
        return frozenset(meta.find_undeclared_variables(environment.parse(source)))
    except TemplateError as error:
        raise _damaged(name, error) from error


def render(name: str, /, **values: object) -> str:
    """Return the prompt with its variables filled in, without surrounding blanks.

    Raises:
        PromptError: the prompt is unknown or damaged, or a value is missing or not used by it.
    """
    needed = variables(name)
    missing = sorted(needed - values.keys())
    unexpected = sorted(values.keys() - needed)
    if missing or unexpected:
        raise PromptError(
            f"The prompt {name!r} takes {', '.join(sorted(needed)) or 'no values'}; "
            + " and ".join(
                f"{', '.join(keys)} {word}"
                for keys, word in ((missing, "is missing"), (unexpected, "is not used by it"))
                if keys
            )
            + f". Change the call or {DIRECTORY.name}/{name}.jinja."
        )
    try:
        return _environment().get_template(f"{name}.jinja").render(values).strip()
    except TemplateError as error:
        raise _damaged(name, error) from error


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    # No autoescape: the result is plain text for a model, not HTML.
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(DIRECTORY),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _damaged(name: str, error: TemplateError) -> PromptError:
    return PromptError(f"The prompt {DIRECTORY.name}/{name}.jinja cannot be used: {error}.")
