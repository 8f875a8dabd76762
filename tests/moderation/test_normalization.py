from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.moderation.normalization import normalize

ALPHABET = (
    "aeioubcdfkstlmnz AEIKST 0134579 @$!|*._-'’\n/#"
    "аеосурхѕіһκαο\u200b\u200d\u0301\u0336\u202eﬁＡ𝓯Ⓐ🅱🇫🇺🇨🇰🤬👩éßø你ש"
)
WORDS = ["the", "food", "was", "good", "and", "we", "left", "early", "in", "our", "new", "car"]
DISGUISED = [
    ("you are a l o s e r", "you are a loser"),
    ("i.d.i.o.t", "idiot"),
    ("f u c k   y o u", "fuck you"),
    ("y o u a r e t r a s h", "you are trash"),
    ("1d10t, a$$hole and b!tch", "idiot, asshole and bitch"),
    ("1 h4te y0u", "1 hate you"),
    ("f**k this s**t, b****", "fuck this shit, bitch"),
    ("f🤬ck", "fuck"),
    ("you looooser, sooooo stuuuuupid!!!", "you loser, so stupid!!!"),
    ("coool goood meeet looose", "cool good meet loose"),
    ("f\u200bu\u00adc\u2060k", "fuck"),
    ("s\u0337\u0322\u031b\u0347h\u0334i\u0338t", "shit"),
    ("\u202ehello", "hello"),
    ("ｙｏｕ ａｒｅ 𝓼𝓽𝓾𝓹𝓲𝓭", "you are stupid"),
    ("уоu аrе а mоrоn", "you are a moron"),
    ("ѕһіт", "shit"),
    ("🇫🇺🇨🇰 🅱itch", "FUCK Bitch"),
    ("fu-ck sh.it", "fuck shit"),
]
PLAIN = [
    "mp3, h2o, 1080p, $5, US$, 10:30am, the 50s, covid19, 3rd, 4x4, b2b, A55, PS1, c++",
    "@john wrote to user123@good.com about www.looool.com and http://a.b/c000l",
    "J. R. R. Tolkien; x + y - z; P.S. e.g. T-shirt, he/she, 24/7, don't, **very** *bold*",
    "The KKK and the AAA; shitting, Cumming, Annales, the penis's length",
    "I love it 😂😂 ❤️ 👨\u200d👩\u200d👧 🇺🇸🇬🇧",
    "Grüße aus München: café naïve résumé, Łódź, ñandú – “so” … ½ x² ™",
    "Оса и рот: сосна, хор, Россия. Он ест суп",
    "Οι άνθρωποι και ο ήλιος, ένα παιδί",
    "نص عربي وکتاب‌ها हिन्दी में क्षत्रिय 你好 עברית",
]


@pytest.mark.parametrize(("text", "meant"), DISGUISED)
def test_a_disguise_is_read_as_it_is_meant(text: str, meant: str) -> None:
    assert normalize(text).text == meant


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_no_disguise_stays(text: str) -> None:
    assert normalize(text).text == text


def test_every_word_leads_back_to_where_it_stood() -> None:
    text = "Look: you are a l-o-s-e-r and a stuuupid 1d10t\u200b!"
    known = normalize(text)
    found = {
        word: text[slice(*known.back(place, place + len(word)))]
        for word in ("loser", "stupid", "idiot")
        for place in [known.text.index(word)]
    }
    assert found == {"loser": "l-o-s-e-r", "stupid": "stuuupid", "idiot": "1d10t\u200b"}


def test_a_ligature_is_marked_whole() -> None:
    known = normalize("ﬁne")
    assert known.text == "fine"
    assert known.back(0, 1) == known.back(1, 2) == (0, 1)


@given(st.text(st.sampled_from(ALPHABET), max_size=30) | st.text(max_size=30))
def test_places_stay_in_the_text_and_in_order_and_twice_is_once(text: str) -> None:
    known = normalize(text)
    assert len(known.places) == len(known.text) + 1
    assert all(0 <= place <= len(text) for place in known.places)
    assert list(known.places) == sorted(known.places)
    assert known.places[-1] == len(text)
    assert normalize(known.text).text == known.text
    for place in range(len(known.text)):
        start, end = known.back(place, place + 1)
        assert 0 <= start < end <= len(text)


@given(st.lists(st.sampled_from(WORDS)))
def test_plain_text_is_itself(words: list[str]) -> None:
    text = " ".join(words)
    known = normalize(text)
    assert known.text == text
    assert list(known.places) == list(range(len(text) + 1))


@pytest.mark.parametrize(
    "piece",
    ["a ", "@", "a-", "a@", "\u0301", "🇫", "s.t.u.p.i.d.", "0", "a*", "ѕ", "\u200b", "aaab"],
)
def test_long_hostile_texts_take_time_in_proportion(piece: str) -> None:
    started = time.process_time()
    normalize(piece * (50_000 // len(piece)))
    assert time.process_time() - started < 3
