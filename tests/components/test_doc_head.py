"""Long documents: windows and sentences are scored, kept, and combined as the settings say."""

import pickle
from pathlib import Path
from typing import Any, Callable, Dict, List

import numpy
import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from thinc.api import Model

from spacy_bertsent.types import TextInput

from ..util import TEXTS, Counter, make_example, make_nlp

# Each word is a piece: windows of 40 hold 38 of them and share 8. "soup" stands in the last one alone.
LONG = "a " * 100 + "soup"
WINDOWS = [(0, 75), (60, 135), (120, 195), (180, 204)]
PIECES = [38, 38, 38, 11]
LABELS = ["positive", "neutral", "negative"]
PLAIN, SOUP, ROAD = [0.0, 2.0, 0.0], [6.0, 0.0, 0.0], [0.0, 0.0, 4.0]
EMOTIONS = ["joy", "fear"]


def softmax(logits: Any) -> Any:
    return numpy.exp(logits) / numpy.exp(logits).sum(axis=-1, keepdims=True)


def sigmoid(logits: Any) -> Any:
    return 1 / (1 + numpy.exp(-numpy.asarray(logits)))


def set_logits(nlp: Language, name: str, wanted: Dict[str, List[float]]) -> None:
    """Give a head weights with which some texts have these logits."""
    rows = nlp.get_pipe("backbone")._read_cached([TextInput(text) for text in wanted]).rows
    known = numpy.hstack([rows, numpy.ones((len(rows), 1))])
    solved = numpy.linalg.lstsq(known, numpy.asarray(list(wanted.values())), rcond=None)[0].T
    output = nlp.get_pipe(name).model.get_ref("output_layer")
    output.set_param("W", solved[:, :-1].astype("f"))
    output.set_param("b", solved[:, -1].astype("f"))
    nlp.get_pipe("backbone")._cache.clear()


def make_long(weights: Path, combine: str = "mean", emotions: str = "mean", **backbone: Any) -> Language:
    """Windows of nothing but "a" are neutral and without emotions, the one with the soup is positive and joyful."""
    config: Any = {
        "polarity": {"labels": LABELS, "model": {"combine": combine}},
        "emotions": {"labels": EMOTIONS, "model": {"combine": emotions}},
        "backbone": {"model": backbone},
    }
    nlp = make_nlp(weights, "polarity", "emotions", config=config, examples=[make_plain()])
    plain, soup = LONG[: WINDOWS[0][1]], LONG[WINDOWS[3][0] :]
    set_logits(nlp, "polarity", {plain: PLAIN, soup: SOUP})
    set_logits(nlp, "emotions", {plain: [-3.0, -3.0], soup: [3.0, -3.0]})
    return nlp


def make_plain() -> Any:
    return make_example(spacy.blank("en"), "a")


# Windows


def test_word_in_the_last_window_is_found_there(weights: Path) -> None:
    doc = make_long(weights)(LONG)
    windows = doc._.polarity_windows
    assert [(w.start_char, w.end_char) for w in windows] == WINDOWS
    assert [w.label for w in windows] == ["neutral"] * 3 + ["positive"]
    for window, logits in zip(windows, [PLAIN, PLAIN, PLAIN, SOUP]):
        assert list(window.scores) == LABELS
        assert list(window.scores.values()) == pytest.approx(softmax(logits), abs=1e-4)
    assert doc.text[windows[-1].start_char : windows[-1].end_char].endswith("a soup")
    assert [w.label == "joy" and w.scores["joy"] > 0.9 for w in doc._.emotion_windows] == [False] * 3 + [True]
    assert [(w.start_char, w.end_char) for w in doc._.emotion_windows] == WINDOWS
    assert not doc._.truncated


SHARES = numpy.asarray(PIECES)[:, None] / sum(PIECES)
LOGITS = numpy.asarray([PLAIN, PLAIN, PLAIN, SOUP])
EMOTION_LOGITS = numpy.asarray([[-3.0, -3.0]] * 3 + [[3.0, -3.0]])


@pytest.mark.parametrize(
    "combine, expected",
    [
        # z = (114 * [0, 2, 0] + 11 * [6, 0, 0]) / 125 = [0.528, 1.824, 0]
        ("mean", softmax([0.528, 1.824, 0.0])),
        ("max", softmax([6.0, 2.0, 0.0])),
        ("mean_softmax", (SHARES * softmax(LOGITS)).sum(axis=0)),
    ],
)
def test_polarity_is_combined_as_the_formula_says(weights: Path, combine: str, expected: Any) -> None:
    doc = make_long(weights, combine)(LONG)
    assert list(doc._.polarity_scores.values()) == pytest.approx(expected, abs=1e-4)
    assert doc._.polarity == ("positive" if combine == "max" else "neutral")


@pytest.mark.parametrize(
    "combine, expected",
    [
        # z = (114 * -3 + 11 * 3) / 125 = -2.472
        ("mean", sigmoid([-2.472, -3.0])),
        ("max", sigmoid([3.0, -3.0])),
        ("mean_sigmoid", (SHARES * sigmoid(EMOTION_LOGITS)).sum(axis=0)),
    ],
)
def test_emotions_are_combined_as_the_formula_says(weights: Path, combine: str, expected: Any) -> None:
    doc = make_long(weights, emotions=combine)(LONG)
    assert list(doc._.emotion_scores.values()) == pytest.approx(expected, abs=1e-4)
    assert list(doc._.emotions) == (["joy"] if combine == "max" else [])


@pytest.mark.parametrize("max_windows", [1, 2, 4])
def test_text_that_was_not_read_to_its_end_says_so(weights: Path, max_windows: int) -> None:
    nlp = make_long(weights, max_windows=max_windows)
    long, short = nlp(LONG), nlp("soup")
    assert long._.truncated is (max_windows < 4) and short._.truncated is False
    assert [(w.start_char, w.end_char) for w in long._.polarity_windows] == WINDOWS[:max_windows]
    assert "positive" in [w.label for w in long._.polarity_windows] or max_windows < 4


def test_short_texts_carry_nothing(weights: Path) -> None:
    nlp = make_long(weights)
    short, *_, long = nlp.pipe(["soup", "", " ", LONG])
    assert not short.spans and set(long.spans) == {"polarity_windows", "emotion_windows"}
    assert short._.polarity_windows[0].scores == short._.polarity_scores and len(short._.polarity_windows) == 1
    # What was left from another run is cleared.
    moved = Doc(nlp.vocab, words=["soup"])
    moved.spans["polarity_windows"] = long.spans["polarity_windows"].copy(doc=moved)
    assert not nlp.get_pipe("polarity")(moved).spans


def test_windows_cost_no_pass_of_their_own(weights: Path) -> None:
    nlp = make_long(weights)
    counter = Counter(nlp)
    nlp(LONG)
    assert counter.n_rows == 4


def test_windows_are_kept_by_readers_with_an_encoder_of_their_own(weights: Path) -> None:
    nlp = make_long(weights)
    expected = nlp(LONG)._.polarity_windows
    nlp.replace_listeners("backbone", "polarity", ["model.tok2vec"])
    found = nlp(LONG)._.polarity_windows
    assert [w[:3] for w in found] == [w[:3] for w in expected]
    assert [list(w.scores.values()) for w in found] == [
        pytest.approx(list(w.scores.values()), abs=1e-5) for w in expected
    ]


def test_other_architectures_have_no_windows(weights: Path) -> None:
    """A model that says nothing of its windows is asked for the documents alone."""
    nlp = make_long(weights)
    polarity: Any = nlp.get_pipe("polarity")
    expected = nlp(LONG)._.polarity_scores
    del polarity.model.attrs["predict_windows"]
    doc = nlp(LONG)
    assert doc._.polarity_scores == pytest.approx(expected) and "polarity_windows" not in doc.spans
    assert isinstance(polarity.model, Model)


def test_nothing_in_nothing_out(weights: Path) -> None:
    polarity: Any = make_long(weights).get_pipe("polarity")
    scores = polarity.predict([])
    assert scores.docs.shape == scores.sentences.shape == scores.windows.shape == (0, 3) and scores.long == []
    polarity.set_annotations([], scores)


# Sentences

TEXT = "A soup. The road was rude! And a price?"
SENTENCES = ["A soup.", "The road was rude!", "And a price?"]


def make_sentences(weights: Path, third: Any = PLAIN, **settings: Any) -> Language:
    """One sentence is positive, one negative, and one as it is told."""
    config: Any = {"polarity": {"labels": LABELS, "sentences": True, **settings}}
    nlp = make_nlp(weights, "polarity", config=config, examples=[make_plain()])
    set_logits(nlp, "polarity", {SENTENCES[0]: SOUP, SENTENCES[1]: ROAD, SENTENCES[2]: third, TEXT: [1.0, 0.0, 1.0]})
    return nlp


def test_each_sentence_is_scored_as_a_text_of_its_own(weights: Path) -> None:
    nlp = make_sentences(weights)
    doc = nlp(TEXT)
    sents = list(doc.sents)
    assert [sent.text for sent in sents] == SENTENCES
    assert [sent._.polarity for sent in sents] == ["positive", "negative", "neutral"]
    for sent, logits in zip(sents, [SOUP, ROAD, PLAIN]):
        assert list(sent._.polarity_scores.values()) == pytest.approx(softmax(logits), abs=1e-4)
    assert list(doc._.polarity_scores.values()) == pytest.approx(softmax([1.0, 0.0, 1.0]), abs=1e-4)
    alone = [nlp(text)._.polarity_scores for text in SENTENCES]
    assert [sent._.polarity_scores for sent in sents] == [pytest.approx(scores, abs=1e-5) for scores in alone]


def test_sentences_are_off_unless_asked_for(weights: Path) -> None:
    nlp = make_nlp(weights, "polarity")
    counter = Counter(nlp)
    doc = nlp(TEXT)
    assert counter.n_rows == 1 and not doc.spans
    assert [sent._.polarity for sent in doc.sents] == [None] * 3 and doc._.mixed is False


def test_document_of_one_sentence_needs_no_further_pass(weights: Path) -> None:
    nlp = make_sentences(weights)
    counter = Counter(nlp)
    for text in ("The road was rude!", "", " ", "road"):
        before = counter.n_rows
        doc = nlp(text)
        assert counter.n_rows == before + 1 and not doc.spans and not doc._.mixed
        assert [sent._.polarity for sent in doc.sents] == [doc._.polarity] * len(list(doc.sents))
    list(nlp.pipe([TEXT, "A soup. A soup."]))
    assert counter.n_rows == 4 + 2 + len({*SENTENCES, "A soup."}) - 1, "the second sentence was just read"


# P(positive) of the first sentence is 1 / (1 + 2 exp(-6)) = 0.995,
# P(negative) of the second 1 / (1 + 2 exp(-4)) = 0.965.
@pytest.mark.parametrize("threshold, mixed", [(0.0, True), (0.5, True), (0.96, True), (0.97, False), (1.0, False)])
def test_mixed_from_its_threshold_on(weights: Path, threshold: float, mixed: bool) -> None:
    assert make_sentences(weights, mixed_threshold=threshold)(TEXT)._.mixed is mixed


@pytest.mark.parametrize(
    "rows, mixed",
    [
        ([[0.6, 0.0, 0.4], [0.4, 0.0, 0.6]], True),
        ([[0.6, 0.0, 0.4], [0.6, 0.0, 0.4]], False),
        ([[0.5, 0.0, 0.5], [0.0, 1.0, 0.0]], False),  # one sentence does not disagree with itself
        ([[0.5, 0.0, 0.5], [0.5, 0.0, 0.5]], True),
        ([[0.0, 0.0, 1.0], [0.4, 0.6, 0.0]], False),
        ([], False),
    ],
)
def test_mixed_takes_two_sentences(weights: Path, rows: Any, mixed: bool) -> None:
    polarity: Any = make_sentences(weights).get_pipe("polarity")
    assert polarity.is_mixed(numpy.asarray(rows, dtype="f").reshape(-1, 3)) is mixed


def test_weak_and_strong_labels_count_together(weights: Path) -> None:
    polarity: Any = make_sentences(weights).get_pipe("polarity")
    polarity.cfg["labels"] = ["very negative", "negative", "neutral", "positive", "very positive"]
    rows = numpy.asarray([[0.0, 0.0, 0.25, 0.25, 0.5], [0.25, 0.25, 0.5, 0.0, 0.0]], dtype="f")
    assert polarity.is_mixed(rows) is True
    assert polarity.is_mixed(rows[:, ::-1]) is True and polarity.is_mixed(rows[[0, 0]]) is False


@pytest.mark.parametrize("value", [-0.1, 1.5])
def test_threshold_that_is_no_probability_is_refused(weights: Path, value: float) -> None:
    with pytest.raises(ValueError, match=rf"BS016.*mixed_threshold = {value}.*0\.0 to 1\.0"):
        make_sentences(weights, mixed_threshold=value)


def test_document_without_sentence_boundaries_says_what_to_type(weights: Path) -> None:
    nlp = make_sentences(weights)
    nlp.remove_pipe("sentencizer")
    with pytest.raises(ValueError, match=r"BS088.*no sentence boundaries in 'A soup") as error:
        nlp(TEXT)
    assert 'nlp.add_pipe("sentencizer", before="polarity")' in str(error.value)


def test_sentences_work_on_a_plain_tok2vec() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    tok2vec = {
        "@architectures": "spacy.HashEmbedCNN.v2", "pretrained_vectors": None, "width": 16, "depth": 1,
        "embed_size": 200, "window_size": 1, "maxout_pieces": 2, "subword_features": True,
    }  # fmt: skip
    config: Any = {"labels": LABELS, "sentences": True, "model": {"tok2vec": tok2vec}}
    nlp.add_pipe("bertsent_polarity", name="polarity", config=config)
    nlp.initialize()
    nlp.get_pipe("polarity").model.get_ref("output_layer").set_param(
        "W", numpy.random.RandomState(0).normal(size=(3, 16)).astype("f")
    )
    alone = [nlp(text)._.polarity_scores for text in SENTENCES]
    assert alone[0] != pytest.approx(alone[1], abs=1e-3)
    for _ in range(2):
        assert [sent._.polarity_scores for sent in nlp(TEXT).sents] == [pytest.approx(x, abs=1e-5) for x in alone]
        # Nor does an architecture that says nothing of windows need to take spans.
        nlp.get_pipe("polarity").model.attrs.pop("predict_windows", None)


# Storing


def through_bin(doc: Doc) -> Doc:
    data = DocBin(docs=[doc]).to_bytes()
    return next(iter(DocBin().from_bytes(data).get_docs(spacy.blank("en").vocab)))


# More than two windows, eight sentences.
STORY = " ".join(TEXTS * 2)
WAYS: Dict[str, Callable[[Doc], Doc]] = {
    "bytes": lambda doc: Doc(spacy.blank("en").vocab).from_bytes(doc.to_bytes()),
    "default DocBin": through_bin,
    "pickle": lambda doc: pickle.loads(pickle.dumps(doc)),
    "copy": lambda doc: doc.copy(),
}


def get_parts(doc: Doc) -> Dict[str, Any]:
    return {
        "windows": doc._.polarity_windows,
        "emotions": doc._.emotion_windows,
        "truncated": doc._.truncated,
        "mixed": doc._.mixed,
        "sentences": [(sent.text, sent._.polarity, sent._.polarity_scores) for sent in doc.sents],
    }


@pytest.fixture(scope="module")
def nlp(weights: Path) -> Language:
    config: Any = {
        "polarity": {"sentences": True, "mixed_threshold": 0.1},
        "backbone": {"model": {"max_windows": 2}},
    }
    return make_nlp(weights, "polarity", "emotions", config=config)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_parts_survive(nlp: Language, way: Callable[[Doc], Doc]) -> None:
    doc = nlp(STORY)
    expected = get_parts(doc)
    assert expected["truncated"] and expected["mixed"] and len(expected["windows"]) == 2
    assert len(expected["sentences"]) == 8 and all(row[1] for row in expected["sentences"])
    assert get_parts(way(doc)) == expected


def test_parts_are_the_same_in_batches_and_workers(nlp: Language) -> None:
    texts = [TEXTS[0], STORY, "", TEXTS[2], LONG, " ".join(TEXTS[::-1] * 2)]
    expected = [get_parts(nlp(text)) for text in texts]
    for settings in ({"batch_size": 6}, {"batch_size": 2}, {"batch_size": 2, "n_process": 2}):
        nlp.get_pipe("backbone")._cache.clear()
        for doc, parts in zip(nlp.pipe(texts, **settings), expected, strict=True):
            found = get_parts(doc)
            assert (found["truncated"], found["mixed"]) == (parts["truncated"], parts["mixed"])
            for key in ("windows", "emotions"):
                assert [w[:3] for w in found[key]] == [w[:3] for w in parts[key]]
                for a, b in zip(found[key], parts[key]):
                    assert a.scores == pytest.approx(b.scores, abs=1e-5)
            for one, other in zip(found["sentences"], parts["sentences"], strict=True):
                assert one[:2] == other[:2] and one[2] == pytest.approx(other[2], abs=1e-5)


def test_settings_survive_disk(nlp: Language, tmp_path: Path) -> None:
    doc = nlp(STORY)
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert loaded.get_pipe("polarity").sentences is True
    again = loaded(STORY)
    assert [sent._.polarity for sent in again.sents] == [sent._.polarity for sent in doc.sents]
    assert again._.mixed == doc._.mixed and again._.truncated


def test_sentences_can_be_asked_of_a_trained_pipeline(weights: Path, tmp_path: Path) -> None:
    make_nlp(weights, "polarity").to_disk(tmp_path)
    config: Any = {"components.polarity.sentences": True, "components.polarity.mixed_threshold": 0.0}
    nlp = spacy.load(tmp_path, config=config)
    doc = nlp(TEXT)
    assert all(sent._.polarity for sent in doc.sents) and doc._.mixed
    blank = spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes())
    assert blank(TEXT)._.mixed, "the changed settings are stored"
    assert not spacy.load(tmp_path)(TEXT).spans
