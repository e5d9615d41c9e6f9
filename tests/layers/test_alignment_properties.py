"""Pieces, tokens and characters agree for every kind of tokenizer, whatever the text."""

from typing import Any, Callable, Dict, List, Set, Tuple

import numpy
import pytest
import spacy
from hypothesis import assume, given
from hypothesis import strategies as st
from spacy.tokens import Doc
from spacy_transformers.layers import trfs2arrays
from thinc.api import reduce_mean, reduce_sum
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

from spacy_bertsent.layers.alignment import align_pieces, make_trf_data, split_gradient
from spacy_bertsent.layers.pieces import PieceTokenizer, Row, WindowSizes
from spacy_bertsent.types import TextInput, TokenRows

LINES = ["the soup was lovely but the waiter was rude", "don't stop now, 123!", "caf\u00e9 na\u00efve", "a b c d e f g"]
SPECIALS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def make_wordpiece(lowercase: bool) -> Tokenizer:
    made = Tokenizer(models.WordPiece(unk_token="<unk>"))
    made.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.train_from_iterator(LINES, trainers.WordPieceTrainer(vocab_size=90, special_tokens=SPECIALS))
    return made


def make_byte_level(prefix: bool, trim: bool) -> Tokenizer:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=300, special_tokens=SPECIALS, initial_alphabet=alphabet)
    made.train_from_iterator(LINES, trainer)
    made.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), trim_offsets=trim, add_prefix_space=prefix
    )
    return made


def make_unigram(normalizer: Any, scheme: str) -> Tokenizer:
    made = Tokenizer(models.Unigram())
    made.normalizer = normalizer
    made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme)
    made.train_from_iterator(LINES, trainers.UnigramTrainer(vocab_size=60, special_tokens=SPECIALS, unk_token="<unk>"))
    return made


def make_sentencepiece_normalizer() -> Any:
    """As converted SentencePiece models have it: odd white space, compatibility forms, runs of spaces."""
    return normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])


def make_stripping_normalizer() -> Any:
    return normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase()])


KINDS: Dict[str, Callable[[], Tokenizer]] = {
    "WordPiece, lower case": lambda: make_wordpiece(True),
    "WordPiece, cased": lambda: make_wordpiece(False),
    "byte-level BPE": lambda: make_byte_level(False, True),
    "byte-level BPE with a first space": lambda: make_byte_level(True, True),
    "byte-level BPE, spaces in the offsets": lambda: make_byte_level(True, False),
    "Unigram": lambda: make_unigram(make_sentencepiece_normalizer(), "always"),
    "Unigram, no first space": lambda: make_unigram(make_sentencepiece_normalizer(), "never"),
    "Unigram, accents stripped": lambda: make_unigram(make_stripping_normalizer(), "first"),
}

PARTS = [
    "the soup", "waiter", "Don't", "stop.", "caf\u00e9", "cafe\u0301", "\u0130stanbul", "x" * 5, "123", "a-b", "!?",
    "[SEP]", "</s>", "<mask>", " ", "  ", "\t", "\r\n", "\n\n", "\u00a0", "\u200b", "\u200d", "\ufeff", "\x00",
    "\u00ad", "\u0301", "\u0323\u0301", "\ufb01", "\u2460", "\ufdfa", "\u1100\u1161\u11a8", "\u05e9\u05dc\u05d5\u05dd",
    "\u0645\u0631\u062d\u0628\u0627", "\u202e", "\u0e01\u0e33", "\u4f60\u597d", "\U0001f600", "\U0001f44d\U0001f3fd",
    "\U0001f469\u200d\U0001f4bb", "\U0001f1e9\U0001f1ea", "\u2764\ufe0f", "\U00010348", "\U000e0041", "\ufffd",
]  # fmt: skip
TEXTS = st.lists(st.one_of(st.sampled_from(PARTS), st.characters(exclude_categories=["Cs"])), max_size=14).map("".join)
# (pieces of a window, pieces that two windows share)
SIZES = st.tuples(st.integers(5, 24), st.integers(0, 4))


@pytest.fixture(scope="module", params=list(KINDS.values()), ids=list(KINDS))
def plain(request: pytest.FixtureRequest) -> Tokenizer:
    made: Tokenizer = request.param()
    if made.post_processor is None:
        ends = [("<s>", 0), ("</s>", 2)]
        made.post_processor = processors.TemplateProcessing(
            single="<s> $A </s>", pair="<s> $A </s> $B:1 </s>:1", special_tokens=ends
        )
    return made


@pytest.fixture(scope="module")
def tokenizer(plain: Tokenizer) -> PieceTokenizer:
    return PieceTokenizer(plain.to_str(), pad_id=1, sizes=WindowSizes(4096, 0))


def read(tokenizer: PieceTokenizer, text: str, sizes: Tuple[int, int] = (4096, 0)) -> List[Row]:
    tokenizer.sizes = WindowSizes(*sizes)
    return tokenizer([TextInput(text)], offsets=True)[0]


def own(row: Row) -> List[Tuple[int, Tuple[int, int]]]:
    """The pieces of the text itself, with their characters."""
    return list(zip(row.ids, row.offsets))[1:-1]


def find_lasting(tokenizer: Any, text: str) -> Set[int]:
    """The characters that add one to what the model reads: neither deleted nor made one with the character before."""

    def count(part: str) -> int:
        normal = tokenizer.normalizer.normalize_str(part) if tokenizer.normalizer else part
        return sum(not char.isspace() for char in normal)

    return {i for i, char in enumerate(text) if not char.isspace() and count(text[: i + 1]) > count(text[:i])}


@given(text=TEXTS)
def test_offsets_lie_in_the_text_and_grow(tokenizer: PieceTokenizer, text: str) -> None:
    (row,) = read(tokenizer, text)
    assert len(row.ids) == len(row.offsets) == len(row.types)
    assert row.offsets[0] == row.offsets[-1] == (0, 0)
    spans = [span for _, span in own(row)]
    assert all(0 <= start <= end <= len(text) for start, end in spans)
    assert [start for start, _ in spans] == sorted(start for start, _ in spans)
    assert [end for _, end in spans] == sorted(end for _, end in spans)


@given(text=TEXTS)
def test_each_character_that_the_model_reads_has_a_piece(tokenizer: PieceTokenizer, plain: Any, text: str) -> None:
    (row,) = read(tokenizer, text)
    covered = {i for start, end in row.offsets for i in range(start, end)}
    assert find_lasting(plain, text) <= covered


@given(text=TEXTS)
def test_offsets_are_the_same_with_and_without_being_asked(tokenizer: PieceTokenizer, text: str) -> None:
    """Two ways through the library: one gives no offsets, and must give the same pieces."""
    tokenizer.sizes = WindowSizes(4096, 0)
    (fast,) = tokenizer([TextInput(text)])[0]
    assert fast.offsets == [] and fast.ids == read(tokenizer, text)[0].ids


@pytest.mark.parametrize("trim", [True, False])
@given(text=TEXTS)
def test_bytes_of_a_piece_stand_where_its_characters_are(trim: bool, text: str) -> None:
    """Offsets of byte-level tokenizers count characters, not bytes."""
    plain = BYTE_LEVEL[trim]
    for piece, (start, end) in own(read(plain, text)[0]):
        found = bytes(BYTES[char] for char in plain._tokenizer.id_to_token(piece))
        assert found.removeprefix(b" ") in text[start:end].encode() or found.strip() == b""


@given(text=TEXTS)
def test_words_of_wordpieces_stand_where_their_characters_are(text: str) -> None:
    for piece, (start, end) in own(read(WORDPIECE, text)[0]):
        found = WORDPIECE._tokenizer.id_to_token(piece).removeprefix("##")
        assert found == "<unk>" or found in NORMALIZER.normalize_str(text[start:end])


def make_byte_map() -> Dict[str, int]:
    """The letters that stand for bytes (Radford et al. 2019)."""
    printed = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [i for i in range(256) if i not in printed]
    return {**{chr(i): i for i in printed}, **{chr(256 + k): i for k, i in enumerate(others)}}


BYTES = make_byte_map()
BYTE_LEVEL = {
    trim: PieceTokenizer(make_byte_level(True, trim).to_str(), pad_id=1, sizes=WindowSizes(4096, 0))
    for trim in (True, False)
}
NORMALIZER = normalizers.BertNormalizer(lowercase=True)


def make_plain_wordpiece() -> PieceTokenizer:
    made = make_wordpiece(True)
    made.post_processor = processors.BertProcessing(("</s>", 2), ("<s>", 0))
    return PieceTokenizer(made.to_str(), pad_id=1, sizes=WindowSizes(4096, 0))


WORDPIECE = make_plain_wordpiece()


# Windows


@given(text=TEXTS, sizes=SIZES)
def test_windows_hold_all_pieces_in_order(tokenizer: PieceTokenizer, text: str, sizes: Tuple[int, int]) -> None:
    size, overlap = sizes[0] - 2, min(sizes[1], sizes[0] // 2)
    assume(overlap < size)
    whole = own(read(tokenizer, text)[0])
    windows = [own(row) for row in read(tokenizer, text, (sizes[0], overlap))]
    assert all(len(window) <= size for window in windows)
    assert windows[0] + [piece for window in windows[1:] for piece in window[overlap:]] == whole
    for left, right in zip(windows, windows[1:]):
        assert left[len(left) - overlap :] == right[:overlap], "what two windows share has the same characters"


# Tokens

NLP = spacy.blank("en")


def find_overlaps(doc: Doc, windows: List[List[Tuple[int, int]]], longest: int) -> List[List[int]]:
    """By the definition: a piece belongs to each token that it shares a character with."""
    return [
        [
            w * longest + p
            for w, window in enumerate(windows)
            for p, (start, end) in enumerate(window)
            if set(range(start, end)) & set(range(token.idx, token.idx + len(token)))
        ]
        for token in doc
    ]


@given(text=TEXTS, sizes=SIZES)
def test_tokens_have_the_pieces_that_overlap_them(tokenizer: PieceTokenizer, text: str, sizes: Tuple[int, int]) -> None:
    doc = NLP.make_doc(text)
    windows = [row.offsets for row in read(tokenizer, text, (sizes[0], min(sizes[1], 2)))]
    longest = max(len(window) for window in windows)
    aligned = align_pieces(doc, windows, longest)
    ends = numpy.cumsum(aligned.lengths)
    found = [aligned.dataXd[end - n : end].tolist() for end, n in zip(ends, aligned.lengths)]
    assert found == find_overlaps(doc, windows, longest)


@given(text=TEXTS)
def test_each_token_that_the_model_reads_has_pieces(tokenizer: PieceTokenizer, plain: Any, text: str) -> None:
    doc = NLP.make_doc(text)
    windows = [row.offsets for row in read(tokenizer, text)]
    aligned = align_pieces(doc, windows, max(len(window) for window in windows))
    lasting = find_lasting(plain, text)
    for token, n_pieces in zip(doc, aligned.lengths):
        if lasting & set(range(token.idx, token.idx + len(token))):
            assert n_pieces > 0


@given(words=st.lists(st.tuples(st.sampled_from([x for x in PARTS if x]), st.booleans()), min_size=1, max_size=10))
def test_tokens_that_are_no_words_have_their_pieces(words: List[Tuple[str, bool]]) -> None:
    """Whatever the tokens are: white space, marks alone, half an emoji."""
    doc = Doc(NLP.vocab, words=[word for word, _ in words], spaces=[space for _, space in words])
    windows = [row.offsets for row in read(WORDPIECE, doc.text, (9, 2))]
    longest = max(len(window) for window in windows)
    aligned = align_pieces(doc, windows, longest)
    assert aligned.lengths.tolist() == [len(pieces) for pieces in find_overlaps(doc, windows, longest)]


def test_pieces_without_characters_belong_to_no_token() -> None:
    """Byte-level tokenizers leave spaces out of the offsets, so that a piece may have none."""
    doc = Doc(NLP.vocab, words=["ab", "   ", "c"], spaces=[False, False, False])
    windows = [[(0, 0), (0, 1), (1, 1), (1, 2), (3, 3), (4, 4), (5, 6), (0, 0)], [(0, 0), (4, 6), (0, 0)]]
    aligned = align_pieces(doc, windows, 8)
    assert aligned.lengths.tolist() == [2, 1, 2] and aligned.dataXd.tolist() == [1, 3, 9, 6, 9]
    none = align_pieces(Doc(NLP.vocab), windows, 8)
    assert len(none.lengths) == len(none.dataXd) == 0


# Gradients

WIDTH = 2


def make_data(text: str, sizes: Tuple[int, int]) -> Tuple[Doc, TokenRows]:
    """A document with a layer in which each piece has a vector of its own."""
    rows = read(WORDPIECE, text, sizes)
    longest = max(len(row.ids) for row in rows)
    hidden = numpy.arange(len(rows) * longest * WIDTH, dtype="f").reshape(len(rows), longest, WIDTH)
    return NLP.make_doc(text), TokenRows([row.ids for row in rows], hidden, [row.offsets for row in rows])


@given(texts=st.lists(TEXTS, min_size=1, max_size=4), sizes=SIZES, data=st.data())
def test_gradient_of_a_token_goes_to_its_pieces(texts: List[str], sizes: Tuple[int, int], data: Any) -> None:
    made = [make_data(text, (sizes[0], min(sizes[1], 2))) for text in texts]
    docs, rows = [doc for doc, _ in made], [row for _, row in made]
    tokens = [(d, token.i) for d, doc in enumerate(docs) for token in doc]
    assume(tokens)
    chosen, i = data.draw(st.sampled_from(tokens))
    # As stock listeners do: documents without tokens are left out.
    datas = [make_trf_data(doc, row) for doc, row in made if len(doc)]
    model = trfs2arrays(reduce_sum(), 1.0)
    Y, backprop = model.begin_update(datas)
    dY = [numpy.zeros_like(y) for y in Y]
    dY[sum(1 for doc in docs[:chosen] if len(doc))][i] = 1.0
    gradients = split_gradient(docs, backprop(dY), [row.hidden for row in rows])
    assert [g.shape for g in gradients] == [row.hidden.shape for row in rows]
    for d, (doc, row, gradient) in enumerate(zip(docs, rows, gradients)):
        expected = numpy.zeros((row.hidden.shape[0] * row.hidden.shape[1], WIDTH))
        if d == chosen:
            expected[find_overlaps(doc, row.offsets, row.hidden.shape[1])[i]] = 1.0
        numpy.testing.assert_array_equal(gradient.reshape(-1, WIDTH), expected)


@given(text=TEXTS, sizes=SIZES)
def test_token_is_the_mean_of_its_pieces(text: str, sizes: Tuple[int, int]) -> None:
    doc, rows = make_data(text, (sizes[0], min(sizes[1], 2)))
    assume(len(doc))
    (vectors,) = trfs2arrays(reduce_mean(), 1.0).predict([make_trf_data(doc, rows)])
    flat = rows.hidden.reshape(-1, WIDTH)
    for vector, pieces in zip(vectors, find_overlaps(doc, rows.offsets, rows.hidden.shape[1])):
        expected = flat[pieces].mean(axis=0) if pieces else numpy.zeros(WIDTH)
        numpy.testing.assert_allclose(vector, expected, rtol=1e-6)
