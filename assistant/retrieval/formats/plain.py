"""Text files: what encoding they are in, and Markdown as the chunker likes to have it."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator

from assistant.retrieval.formats.unreadable import UnreadableError

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_SAMPLE = 65_536  # bytes that an encoding is guessed from
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x1b")) + b"\x7f"
_LATIN = (
    "Basic Latin",
    "Control",
    "Latin",
    "General Punctuation",
    "Currency",
    "Letterlike",
    "Spacing",
    "Box",
)
_FENCED = re.compile(r"^ {0,3}(```+(?=[^`\n]*$)|~~~+).*?(?:^ {0,3}\1[`~]*\s*$|\Z)", re.M | re.S)
_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.S)
_COMMENT = re.compile(r"<!--(?:(?!<!--).)*?-->\n?", re.S)
_TAGS = re.compile(r"^[ \t]*(?:</?[A-Za-z][\w-]*(?:\s[^<>]*)?/?>[ \t]*)+$", re.M)
_UNDERLINED = re.compile(r"(?<![^\n]\n)^( {0,3}[^\s#>|`*+-][^\n]*)\n {0,3}(=+|-{3,})[ \t]*$", re.M)


def is_binary(data: bytes) -> bool:
    """Say whether ``data`` cannot be text in any encoding that text files come in."""
    sample = data[:_SAMPLE]
    if any(data.startswith(bom) for bom, _ in _BOMS) or _utf16_order(sample):
        return False
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return b"\0" in sample or controls > max(8, len(sample) * 0.02)


def decode(data: bytes) -> str:
    """Decode text of unknown encoding: byte-order mark, UTF-8, UTF-16, then the likeliest one."""
    return data.decode(encoding_of(data), "replace")


def encoding_of(data: bytes) -> str:
    """Return the encoding of a text, or of its beginning, which may end within a character."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return encoding
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return _utf16_order(data[:_SAMPLE]) or _likeliest(data)
    return "utf-8"


def text(data: bytes) -> Iterator[str]:
    """Read plain text."""
    yield decode(data)


def markdown(data: bytes) -> Iterator[str]:
    """Read Markdown: without comments and lines of mere tags, underlined headings written with
    ``#``, code untouched.
    """
    source = decode(data).replace("\r\n", "\n")
    source = _FRONT_MATTER.sub(r"\1\n\n", source)
    parts: list[str] = []
    end = 0
    for fence in _FENCED.finditer(source):
        parts += [_headed(source[end : fence.start()]), fence[0]]
        end = fence.end()
    yield "".join([*parts, _headed(source[end:])])


def notebook(data: bytes) -> Iterator[str]:
    """Read a Jupyter notebook: its Markdown as it stands and its code in fences, no outputs."""
    try:
        cells = json.loads(decode(data))["cells"]
        written = [(cell["cell_type"], "".join(cell["source"]).strip()) for cell in cells]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise UnreadableError(
            "it is no notebook of format 4. Open it in Jupyter and save it again."
        ) from error
    yield "\n\n".join(
        f"```\n{source}\n```" if kind == "code" else source for kind, source in written if source
    )


def _headed(markdown: str) -> str:
    def heading(match: re.Match[str]) -> str:
        return f"{'#' if match[2][0] == '=' else '##'} {match[1].strip()}"

    return _UNDERLINED.sub(heading, _TAGS.sub("", _COMMENT.sub("", markdown)))


def _utf16_order(sample: bytes) -> str | None:
    """Western text in UTF-16 has a zero in nearly every other byte."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if half < 2 or abs(even - odd) < half * 0.5 or min(even, odd) > half * 0.05:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _likeliest(data: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE]).best()
    if best is None or all(name.startswith(_LATIN) for name in best.alphabets):
        return "cp1252"  # among Latin encodings a guess from few bytes is worse than the commonest
    return best.encoding
