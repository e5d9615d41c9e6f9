from pathlib import Path
from typing import List

from spacy.cli._util import Arg, Opt
from spacy.language import Language
from spacy.util import get_lang_class
from spacy.vectors import Vectors
from wasabi import msg

from ..errors import Errors
from .root import bertsent_cli, readable_errors
from .thresholds import read_corpus

METHODS = ("word2vec", "fasttext")


@bertsent_cli.command("vectors")
def vectors_cli(
    corpus: Path = Arg(..., help="A .spacy file or directory: its words are learned from, gold annotation is not read"),
    output: Path = Arg(..., help="Directory for the vectors, for --initialize.vectors of `spacy train`"),
    method: str = Opt("word2vec", "--method", "-m", help=f"{' or '.join(METHODS)}"),
    size: int = Opt(100, "--size", "-n", min=1, help="Numbers in a vector"),
    window: int = Opt(5, "--window", "-w", min=1, help="Words on either side that a word is predicted from"),
    epochs: int = Opt(20, "--epochs", "-e", min=1, help="Passes over the corpus"),
    min_count: int = Opt(2, "--min-count", "-c", min=1, help="Fewest times that a word occurs"),
    seed: int = Opt(0, "--seed", "-s", min=0, help="Of the random numbers"),
    lang: str = Opt("en", "--lang", "-l", help="Language of the tokenizer"),
) -> None:
    """Train word vectors on a corpus, with gensim, and save them as `spacy init vectors` does.

    Spellings that differ in case share a vector. Words that the corpus does not have get none, with FastText neither.
    For vectors that you have already, such as GloVe, there is `python -m spacy init vectors`.
    """
    with readable_errors("No vectors were made"):
        nlp = get_lang_class(lang)()
        texts = read_words(nlp, corpus)
        settings = {"size": size, "window": window, "epochs": epochs, "min_count": min_count, "seed": seed}
        make_vectors(nlp, texts, method=method, **settings)
        output.mkdir(parents=True, exist_ok=True)
        nlp.to_disk(output)
    msg.good(f"{len(nlp.vocab.vectors)} vectors from {len(texts)} texts: {output}")


def make_vectors(nlp: Language, texts: List[List[str]], *, method: str, **settings: int) -> None:
    """Train vectors on words in lower case, and put them into a pipeline's vocabulary under each spelling of the texts.

    nlp (Language): The pipeline. texts (List[List[str]]): The words of each text. method (str): One of `METHODS`.
    settings (int): See `train_word_vectors`.
    RAISES (ValueError): BS033 if the method is not known, BS087 if no word is left. ImportError: BS080 without gensim.
    """
    from ..baselines.word2vec import train_word_vectors

    if method not in METHODS:
        raise ValueError(
            Errors.BS033.format(option="--method", value=method, expected=", ".join(METHODS), example=METHODS[0])
        )
    words, table = train_word_vectors([[w.lower() for w in text] for text in texts], method=method, **settings)
    name = f"{nlp.lang}_{method}.vectors"
    vectors = Vectors(strings=nlp.vocab.strings, data=table, keys=words, name=name)
    rows = {word: row for row, word in enumerate(words)}
    # Not `attr="LOWER"`: spaCy does not store it.
    for spelling in sorted({word for text in texts for word in text} | set(words)):
        if spelling.lower() in rows:
            vectors.add(nlp.vocab.strings.add(spelling), row=rows[spelling.lower()])
    nlp.vocab.vectors = vectors
    nlp.meta["vectors"]["name"] = name


def read_words(nlp: Language, path: Path) -> List[List[str]]:
    """RETURNS (List[List[str]]): The words of each text. RAISES (ValueError): BS021 or BS049."""
    if not path.exists():
        raise ValueError(Errors.BS021.format(path=path, advice="The corpus comes before the output."))
    if path.is_file() and path.suffix != ".spacy":
        raise ValueError(Errors.BS049.format(path=path, fault="its name does not end in .spacy"))
    return [[t.text for t in eg.reference if not t.is_space] for eg in read_corpus(nlp, path)]
