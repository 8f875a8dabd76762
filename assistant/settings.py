"""All settings, in one frozen object, read once: command line over environment over ``.env``.

Every field is ``--field-name`` on the command line and ``ASSISTANT_FIELD_NAME`` in the
environment or in a ``.env`` file in the working directory.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, CliImplicitFlag, NoDecode, SettingsConfigDict
from pydantic_settings import SettingsError as CliError

from assistant.errors import SettingsError
from assistant.types import Sampling, Strategy

PROJECT = Path(__file__).resolve().parent.parent
PREFIX = "ASSISTANT_"
ENV_FILE = ".env"


class Settings(BaseSettings):
    """Switchboard: a private chat assistant that runs on this computer."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=ENV_FILE,
        env_file_encoding="utf-8",
        cli_kebab_case=True,
        cli_prog_name="python app.py",
        cli_hide_none_type=True,
        cli_avoid_json=True,
        cli_exit_on_error=False,
        frozen=True,
        extra="ignore",
    )

    host: str = Field("127.0.0.1", description="address to listen on; 0.0.0.0 for every one")
    port: int = Field(7860, ge=0, le=65535, description="port to listen on; 0 picks a free one")
    share: CliImplicitFlag[bool] = Field(False, description="make a public Gradio link")
    auth: str | None = Field(
        None, description="NAME:PASSWORD, or a file with one such line a user: ask for a login"
    )
    allowed_hosts: str = Field(
        "", description="further names, separated by commas, under which the page may be opened"
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="addresses or networks, separated by commas, of your own reverse proxies, "
        "whose X-Forwarded headers count; those of others do not",
    )
    api_keys: str | None = Field(
        None,
        description="keys for the moderation APIs, as NAME:KEY separated by commas, or a file "
        "with one such line a key; none are needed on a server that only this computer reaches",
    )
    api_languages: str = Field(
        "en", description="languages, separated by commas, that the moderation model knows"
    )
    allow_training: CliImplicitFlag[bool] = Field(
        False, description="let everyone who may open a shared page train models and choose them"
    )
    profile: Literal["embedded", "hub"] = Field(
        "embedded", description="embedded: the models that ship with Switchboard; hub: larger ones"
    )
    models: Annotated[dict[str, str], NoDecode] = Field(
        {},
        description="models for single roles whatever the profile, as role=name or "
        "role=name@revision separated by commas; the name is of the hub, a folder, or hub for "
        "that profile's, such as translator=hub",
    )
    policy: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}(@[0-9]{1,9})?$")] = Field(
        "standard",
        description="the moderation policy: standard, family-friendly, forum, gaming, or one of "
        "your own; my-forum@3 is its third version",
    )
    generator: str = Field(
        "llama_cpp:smollm2-135m",
        description="backend:model?options, such as llama_cpp:/models/llama-2-7b-chat.Q4_K_M.gguf, "
        "transformers:meta-llama/Llama-2-7b-chat-hf?quantize=4bit, openai:http://host:8000/v1, "
        "or none",
    )
    generators: tuple[str, ...] = Field(
        (), description="further generators that conversations may choose, as a JSON list"
    )
    data_dir: Path = Field(
        PROJECT / "index" / "store",
        description="where the document store, the database and trained models live",
    )
    documents_dir: Path = Field(
        PROJECT / "index" / "documents",
        description="the folder of starter documents that the library holds from the first start",
    )
    watch: Annotated[tuple[Path, ...], NoDecode] = Field(
        (),
        description="folders, separated by commas, whose files the library follows while the "
        "program runs, sub-folders included",
    )
    database_url: str | None = Field(
        None, description="SQLAlchemy URL for conversations; SQLite in the data directory if unset"
    )
    youtube_key: str | None = Field(
        None, description="key of the YouTube Data API, for the comments of videos"
    )
    system_prompt: str | None = Field(
        None, description="replaces the system prompt of prompts/system.jinja"
    )
    strategy: Strategy = Field("top_p", description="how the generator picks tokens")
    temperature: Annotated[float, Field(gt=0, le=5)] = Field(
        0.7, description="higher is more varied; used by top_k and top_p"
    )
    top_k: Annotated[int, Field(ge=1)] = Field(40, description="tokens to draw from in top_k")
    top_p: Annotated[float, Field(gt=0, le=1)] = Field(
        0.9, description="probability mass to draw from in top_p"
    )
    max_tokens: Annotated[int, Field(ge=1, le=32768)] = Field(
        400, description="longest answer, in tokens"
    )
    seed: int | None = Field(None, description="fixes what the generator draws")
    passages: Annotated[int, Field(ge=1, le=20)] = Field(
        3, description="how many passages may ground an answer"
    )
    context: Annotated[int, Field(ge=512)] = Field(
        4096, description="tokens of context that the generator keeps for one conversation"
    )
    threads: Annotated[int, Field(ge=0)] = Field(0, description="CPU threads; 0 uses every core")
    max_text: Annotated[int, Field(ge=1)] = Field(
        1_000_000, description="longest message, in characters"
    )
    max_upload_mb: Annotated[int, Field(ge=1)] = Field(50, description="largest file, in MB")
    upload_quota_mb: Annotated[int, Field(ge=1)] = Field(
        2_000,
        description="uploads that one visitor may have stored, in MB; they are removed after a day",
    )
    queue_size: Annotated[int, Field(ge=1)] = Field(
        64, description="turns that may wait before new ones are turned away"
    )

    @field_validator("models", mode="before")
    @classmethod
    def _read_models(cls, value: Any) -> Any:
        """Read role=name pairs, as the environment and the command line give them."""
        if not isinstance(value, str):
            return value
        pairs = [pair.partition("=") for pair in value.split(",") if pair.strip()]
        if wrong := [role for role, _, name in pairs if not role.strip() or not name.strip()]:
            raise ValueError(f"{wrong[0].strip()!r} is no role=name")
        return {role.strip(): name.strip() for role, _, name in pairs}

    @field_validator("watch", mode="before")
    @classmethod
    def _read_folders(cls, value: Any) -> Any:
        """Read folders separated by commas; each must be there."""
        if not isinstance(value, str):
            return value
        folders = tuple(
            Path(part.strip()).expanduser() for part in value.split(",") if part.strip()
        )
        if missing := [folder for folder in folders if not folder.is_dir()]:
            raise ValueError(f"{missing[0]} is no folder")
        return folders

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _read_networks(cls, value: Any) -> Any:
        """Read addresses and networks separated by commas, as networks."""
        if not isinstance(value, str):
            return value
        found = []
        for part in filter(None, (part.strip() for part in value.split(","))):
            try:
                network = ip_network(part, strict=False)
            except ValueError:
                raise ValueError(f"{part!r} is neither an address nor a network") from None
            if network.prefixlen == 0:
                raise ValueError(f"{part!r} names every address, so that anybody could forge one")
            found.append(str(network))
        return tuple(found)

    @property
    def sampling(self) -> Sampling:
        """The sampling that conversations start with."""
        return Sampling(
            strategy=self.strategy,
            temperature=self.temperature,
            top_k=self.top_k,
            top_p=self.top_p,
            max_tokens=self.max_tokens,
            seed=self.seed,
        )

    @classmethod
    def read(cls, arguments: Sequence[str] | None = None, **values: Any) -> Settings:
        """Read the settings; ``arguments`` are command-line words, ``values`` override all.

        Raises:
            SettingsError: a value is unusable or an option unknown; names key, value and cure.

        """
        try:
            if arguments is None:
                return cls(**values)
            command_line: dict[str, Any] = {"_cli_parse_args": list(arguments)}
            return cls(**command_line, **values)
        except ValidationError as error:
            raise SettingsError(_explain(error)) from None
        except CliError as error:
            raise SettingsError(_explain_command_line(str(error))) from None


def _explain(error: ValidationError) -> str:
    lines = []
    for problem in error.errors():
        key = str(problem["loc"][0]) if problem["loc"] else "settings"
        field = Settings.model_fields.get(key)
        meaning = f" It means: {field.description}." if field and field.description else ""
        lines.append(
            f"The setting {PREFIX}{key.upper()} (--{key.replace('_', '-')}) is "
            f"{problem['input']!r}, which cannot be used: {problem['msg'].lower()}.{meaning}"
        )
    return "\n".join(lines)


def _explain_command_line(problem: str) -> str:
    problem = problem.removeprefix("error parsing CLI: ")
    options = [f"--{name.replace('_', '-')}" for name in Settings.model_fields]
    near = [
        match
        for word in problem.split()
        if word.startswith("-")
        for match in get_close_matches(word.split("=")[0], options, n=1, cutoff=0.75)
    ]
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"The command line cannot be used: {problem}.{hint} --help lists every option."
