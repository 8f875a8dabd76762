"""HTML: the words that a reader of the page would see, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

_BOILERPLATE = "script, style, noscript, template, nav, footer, aside, form, dialog"
_DECORATION = "button, iframe, object, embed, svg, img, video, audio, canvas"
_ROLES = ", ".join(
    f"[role={role}]" for role in ("navigation", "banner", "contentinfo", "search", "complementary")
)
_UNSEEN = "[hidden], [aria-hidden=true], [style*='display:none'], [style*='display: none']"
_ENOUGH = 200  # characters from which <main> is taken for the page


def html(data: bytes) -> Iterator[str]:
    """Read a page without navigation, scripts, forms, pictures, hidden parts and link targets."""
    from bs4 import BeautifulSoup
    from markitdown.converters import HtmlConverter

    soup = BeautifulSoup(data, "html.parser")
    for element in soup.select(", ".join([_BOILERPLATE, _DECORATION, _ROLES, _UNSEEN])):
        element.decompose()
    for link in soup("a"):
        link.unwrap()
    mains = soup("main")
    single = len(mains) == 1 and len(mains[0].get_text()) >= _ENOUGH
    yield HtmlConverter().convert_string(str(mains[0] if single else soup)).markdown
