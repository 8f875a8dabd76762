"""The Perspective API, asked by Google's own client and as known programs ask it."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from assistant.api.keys import Keys
from assistant.server.accounts import QUICK, Accounts
from tests.server.conftest import PASSWORDS, Site

from .conftest import KEYS, MakeApi

ANALYZE = "/v1alpha1/comments:analyze"
RUDE = "You are a stupid idiot and nobody likes you."
KIND = "Thank you for the lovely walk along the river."
EVERY = ("TOXICITY", "SEVERE_TOXICITY", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "THREAT",
         "SEXUALLY_EXPLICIT", "SPAM")  # fmt: skip


def client(site: Site, key: str = "") -> Any:
    """Return Google's client, which knows nothing of the API but the server's address."""
    return build(
        "commentanalyzer",
        "v1alpha1",
        developerKey=key or None,
        discoveryServiceUrl=f"{site.url}/$discovery/rest?version=v1alpha1",
        static_discovery=False,
        cache_discovery=False,
    )


def body(text: object = KIND, **fields: Any) -> dict[str, Any]:
    return {"comment": {"text": text}, "requestedAttributes": {"TOXICITY": {}}, **fields}


def analyze(site: Site, text: str, *names: str, **fields: Any) -> Any:
    wanted = {name: {} for name in names or ("TOXICITY",)}
    body = {"comment": {"text": text}, "requestedAttributes": wanted, **fields}
    return client(site).comments().analyze(body=body).execute()


def refusal(site: Site, body: object, **options: Any) -> tuple[int, Any]:
    """Return the status and the error of a request that must not succeed."""
    content = body if isinstance(body, (str, bytes)) else json.dumps(body)
    with site.visitor() as visitor:
        answer = visitor.post(options.pop("path", ANALYZE), content=content, **options)
    error = answer.json()["error"]
    assert error["code"] == answer.status_code
    return answer.status_code, error


def value(answer: Any, name: str = "TOXICITY") -> float:
    score = answer["attributeScores"][name]["summaryScore"]
    assert score["type"] == "PROBABILITY"
    return float(score["value"])


def test_googles_client_needs_only_our_address_and_tells_rude_from_kind(api: Site) -> None:
    rude, kind = analyze(api, RUDE), analyze(api, KIND)
    assert value(rude) > 0.8
    assert value(kind) < 0.2
    assert rude["languages"] == rude["detectedLanguages"] == ["en"]


@pytest.mark.parametrize(
    ("headers", "root"),
    [
        ({"host": "localhost:99"}, "http://localhost:99/"),
        ({"host": "localhost", "x-forwarded-proto": "https"}, "http://localhost/"),
        ({"host": "localhost:99", "x-forwarded-host": "localhost"}, "http://localhost:99/"),
        ({"host": "localhost", "x-forwarded-host": "evil.example"}, "http://localhost/"),
    ],
)
def test_the_document_names_the_address_that_the_client_knows(
    api: Site, headers: dict[str, str], root: str
) -> None:
    with api.visitor(headers=headers) as visitor:
        found = visitor.get("/$discovery/rest?version=v1alpha1").json()
        assert (found["rootUrl"], found["baseUrl"]) == (root, root)
        assert visitor.get("/$discovery/rest?version=v2").status_code == 404


@pytest.mark.parametrize(
    ("headers", "root"),
    [
        ({"x-forwarded-proto": "https", "x-forwarded-host": "localhost"}, "https://localhost/"),
        ({"x-forwarded-host": "evil.example", "host": "localhost"}, "http://localhost/"),
    ],
)
def test_behind_a_trusted_proxy_the_document_names_the_proxys_address(
    make_api: MakeApi, headers: dict[str, str], root: str
) -> None:
    api = make_api(Keys(), trusted_proxies="127.0.0.1")
    with api.visitor(headers=headers) as visitor:
        assert visitor.get("/$discovery/rest?version=v1alpha1").json()["rootUrl"] == root


def test_every_attribute_and_its_other_names_are_scored(api: Site) -> None:
    scored = analyze(api, RUDE, *EVERY, "TOXICITY_EXPERIMENTAL", "INSULT@2")
    assert set(scored["attributeScores"]) == {*EVERY, "TOXICITY_EXPERIMENTAL", "INSULT@2"}
    assert value(scored, "TOXICITY_EXPERIMENTAL") == value(scored)
    assert value(scored, "INSULT@2") == value(scored, "INSULT")
    assert all(0 <= value(scored, name) <= 1 for name in EVERY)


def test_without_annotations_one_span_is_the_whole_text(api: Site) -> None:
    answer = analyze(api, RUDE)
    score = answer["attributeScores"]["TOXICITY"]
    assert score["spanScores"] == [{"begin": 0, "end": len(RUDE), "score": score["summaryScore"]}]


def test_annotations_score_each_sentence_where_it_stands(api: Site) -> None:
    text = f"😀 {KIND} {RUDE}"
    spans = analyze(api, text, spanAnnotations=True)["attributeScores"]["TOXICITY"]["spanScores"]
    units = text.encode("utf-16-le")
    parts = [units[2 * span["begin"] : 2 * span["end"]].decode("utf-16-le") for span in spans]
    assert parts == [f"😀 {KIND}", RUDE]
    kind, rude = (span["score"]["value"] for span in spans)
    assert kind < 0.2
    assert rude > 0.8


def test_in_html_the_words_count_and_offsets_are_those_of_the_markup(api: Site) -> None:
    markup = (
        '<p class="stupid idiot">Dear <b>all</b> &amp; others.</p><p>You stup&#105;d idiot!</p>'
    )
    answer = analyze_html(api, markup)
    spans = answer["attributeScores"]["TOXICITY"]["spanScores"]
    assert [markup[span["begin"] : span["end"]] for span in spans] == [
        "Dear <b>all</b> &amp; others.",
        "You stup&#105;d idiot!",
    ]
    kind, rude = (span["score"]["value"] for span in spans)
    assert kind < 0.3
    assert rude > 0.8


def analyze_html(site: Site, markup: str) -> Any:
    comment = {"text": markup, "type": "HTML"}
    return analyze(site, "", comment=comment, spanAnnotations=True)


def test_many_sentences_share_a_hundred_spans(api: Site) -> None:
    spans = analyze(api, "Well. " * 3_000, spanAnnotations=True)
    assert len(spans["attributeScores"]["TOXICITY"]["spanScores"]) == 100


def test_a_score_below_its_threshold_is_left_out(api: Site) -> None:
    wanted = {"TOXICITY": {"scoreThreshold": 0.5, "scoreType": "PROBABILITY"}, "SPAM": {}}
    answer = analyze(api, KIND, requestedAttributes=wanted)
    assert list(answer["attributeScores"]) == ["SPAM"]


def test_the_token_comes_back_and_other_fields_are_taken(api: Site) -> None:
    entries = {"entries": [{"text": "What was answered.", "type": "PLAIN_TEXT"}]}
    answer = analyze(
        api, KIND, clientToken="comment-7", sessionId="s", communityId="c", context=entries,
        doNotStore=True, languages=["en-US"],
    )  # fmt: skip
    assert answer["clientToken"] == "comment-7"
    assert answer["languages"] == ["en-US"]


def test_nothing_of_an_analysed_comment_is_kept_or_logged(
    api: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    text = "A wholly unmistakable quagmire of parsnips"
    analyze(api, text, doNotStore=True)
    analyze(api, text)
    database = api.storage.file
    assert database is not None
    kept = [file for file in database.parent.rglob("*") if file.is_file()]
    assert database in kept
    assert not [file for file in kept if b"parsnips" in file.read_bytes()]
    assert "parsnips" not in caplog.text


def test_names_without_quotation_marks_and_underscores_are_read_as_google_reads_them(
    api: Site,
) -> None:
    body = '{comment: {text: "what: a \\"nice\\" day"}, requested_attributes: {TOXICITY:{}}}'
    with api.visitor() as visitor:
        assert value(visitor.post(ANALYZE, content=body).json()) < 0.3


def test_a_disguised_insult_and_half_a_surrogate_pair_are_scored(api: Site) -> None:
    sent = json.dumps(body("you s t u p i d 1d10t \ud83d", requestedAttributes={"INSULT": {}}))
    with api.visitor() as visitor:
        assert value(visitor.post(ANALYZE, content=sent).json(), "INSULT") > 0.5


GERMAN = "Das ist ein sehr schöner Garten, und ich danke dir für die Blumen."


@pytest.mark.parametrize(
    ("fields", "asked"), [({}, "detected"), ({"languages": ["de"]}, "requested")]
)
def test_another_language_is_refused_as_the_api_does_it(
    api: Site, fields: dict[str, Any], asked: str
) -> None:
    with pytest.raises(
        HttpError, match="TOXICITY does not support request languages: de"
    ) as caught:
        analyze(api, GERMAN, **fields)
    assert caught.value.status_code == 400
    (detail,) = caught.value.error_details
    assert detail["errorType"] == "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"
    found = detail["languageNotSupportedByAttributeError"]
    assert found == {f"{asked}Languages": ["de"], "attribute": "TOXICITY"}


def test_what_cannot_be_scored_can_be_dropped_instead(api: Site) -> None:
    german = analyze(api, GERMAN, dropUnsupportedAttributes=True)
    assert (german["attributeScores"], german["languages"]) == ({}, ["de"])
    some = analyze(api, KIND, "INSULT", "FLIRTATION", dropUnsupportedAttributes=True)
    assert list(some["attributeScores"]) == ["INSULT"]


def test_a_model_for_other_languages_is_asked_in_them(make_api: MakeApi) -> None:
    site = make_api(Keys(), api_languages="de,en")
    assert analyze(site, GERMAN)["languages"] == ["de"]
    assert analyze(site, "Kurz", languages=["de"])["detectedLanguages"] == ["de"]


@pytest.mark.parametrize(
    ("sent", "words", "kind"),
    [
        (body(""), "Comment must be non-empty.", "COMMENT_EMPTY"),
        (body(" \n"), "Comment must be non-empty.", "COMMENT_EMPTY"),
        ({"requestedAttributes": {"TOXICITY": {}}}, "non-empty", "COMMENT_EMPTY"),
        (body("é" * 10_241), "Comment text too long. It has 20,482 bytes", "COMMENT_TOO_LONG"),
        (body(requestedAttributes={}), "Missing requested_attributes", "NO_REQUESTED_ATTRIBUTES"),
        (
            body(requestedAttributes={"FLIRTATION": {}}),
            "Unknown requested attribute: FLIRTATION",
            "INVALID_REQUEST",
        ),
        (
            body(requestedAttributes={"TOXICITY": {"scoreType": "RAW"}}),
            "score type RAW is not supported by attribute TOXICITY",
            "INVALID_REQUEST",
        ),
        (body(comment={"text": "x", "type": "PDF"}), "Unknown text type", "INVALID_REQUEST"),
        (
            body(context={"entries": [{"text": "a"}], "articleAndParentComment": {}}),
            "Context can have either",
            "INVALID_REQUEST",
        ),
    ],
)
def test_what_cannot_be_scored_is_refused_with_its_kind(
    api: Site, sent: object, words: str, kind: str
) -> None:
    status, error = refusal(api, sent)
    assert (status, error["status"]) == (400, "INVALID_ARGUMENT")
    assert words in error["message"]
    assert error["details"][0]["errorType"] == kind


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ("", "cannot be read as JSON"),
        ("[1]", "must be a JSON object"),
        ("[" * 100_000, "cannot be read as JSON"),
        ('"' + '\\"' * 500_000, "cannot be read as JSON"),
        ("a" * 1_000_000, "cannot be read as JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (body(7), "comment.text: input should be a valid string"),
        (body(doNotSotre=True), "doNotSotre: there is no field of this name"),
        (body(spanAnnotations="perhaps"), "spanAnnotations: "),
    ],
)
def test_what_is_no_request_is_refused_by_the_name_of_its_field(
    api: Site, sent: object, words: str
) -> None:
    status, error = refusal(api, sent)
    assert (status, error["status"]) == (400, "INVALID_ARGUMENT")
    assert words in error["message"]


@pytest.mark.parametrize("path", ["/v1alpha1/comments:delete", "/v1alpha1/", "/$discovery/v1/apis"])
def test_a_path_that_is_not_there_is_named_in_googles_form(api: Site, path: str) -> None:
    status, error = refusal(api, "{}", path=path)
    assert (status, error["status"]) == (404, "NOT_FOUND")


def test_a_request_of_another_site_or_under_another_name_is_refused(api: Site) -> None:
    with api.visitor() as visitor:
        foreign = visitor.post(ANALYZE, json=body(), headers={"origin": "https://evil.example"})
        assert foreign.status_code == 403
        renamed = visitor.get("/$discovery/rest", headers={"host": "evil.example"})
        assert renamed.status_code == 400
        preflight = visitor.options(ANALYZE, headers={"origin": "https://evil.example"})
        assert "access-control-allow-origin" not in preflight.headers
        assert "set-cookie" not in visitor.post(ANALYZE, json=body()).headers


def test_too_long_a_request_is_refused(api: Site) -> None:
    with api.visitor() as visitor:
        assert visitor.post(ANALYZE, content=b"x" * 2_000_001).status_code == 413


def test_with_keys_a_request_needs_one(closed_api: Site) -> None:
    asked = client(closed_api, KEYS["bot"]).comments().analyze(body=body())
    assert value(asked.execute()) < 0.2
    with closed_api.visitor() as visitor:
        header = visitor.post(ANALYZE, json=body(), headers={"x-goog-api-key": KEYS["coral"]})
        assert header.status_code == 200
    status, error = refusal(closed_api, body())
    assert (status, error["status"]) == (403, "PERMISSION_DENIED")
    status, error = refusal(closed_api, body(), params={"key": "a-key-of-nobody-here"})
    assert (status, error["status"]) == (400, "INVALID_ARGUMENT")
    assert error["message"].startswith("API key not valid.")
    assert error["details"][0]["reason"] == "API_KEY_INVALID"


def test_a_key_opens_the_apis_and_nothing_else(closed_api: Site) -> None:
    with closed_api.visitor(params={"key": KEYS["bot"]}) as visitor:
        for path in ("/config", "/v1", "/v1alpha1", "//v1/config", "/V1/models"):
            assert visitor.get(path).status_code == 401, path
        raw = httpx.Request("GET", f"{closed_api.url}/v1/%2e%2e/config?key={KEYS['bot']}")
        assert "components" not in visitor.send(raw).text


def test_a_login_is_no_key_and_a_shared_server_without_keys_answers_nobody(
    make_api: MakeApi,
) -> None:
    site = make_api(Keys(shared=True), Accounts(PASSWORDS, hasher=QUICK))
    with site.visitor() as visitor:
        form = {"name": "alice", "password": PASSWORDS["alice"]}
        assert visitor.post("/login", data=form).status_code == 303
        answer = visitor.post(ANALYZE, json=body(), params={"key": "any-key-at-all-0000"})
        assert answer.status_code == 403
        assert "--api-keys" in answer.json()["error"]["message"]


def test_what_nobody_foresaw_is_told_by_a_reference_in_each_apis_form(
    make_api: MakeApi, caplog: pytest.LogCaptureFixture
) -> None:
    site = make_api(Keys(), models=BrokenModels())
    _, error = refusal(site, body())
    assert (error["code"], error["status"]) == (500, "INTERNAL")
    with site.visitor() as visitor:
        answer = visitor.post("/v1/moderations", json={"input": "x"})
    assert (answer.status_code, answer.json()["error"]["type"]) == (500, "server_error")
    for message in (error["message"], answer.json()["error"]["message"]):
        assert "the secret cause" not in message
        assert message.rstrip(".").split()[-1] in caplog.text


class BrokenModels:
    """Models that fail as only a mistake in a program does."""

    def fetch(self, role: str) -> None:
        raise RuntimeError("the secret cause")
