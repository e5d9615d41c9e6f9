from functools import partial
from typing import Callable, Iterator

from spacy.language import Language
from spacy.training import Example


def make_label_keeper(prefix: str) -> Callable[[Language, Example], Iterator[Example]]:
    """Make a corpus fit for spaCy's own text classifiers, registered as `spacy-bertsent.keep_labels.v1`.

    They take every key of `doc.cats` for a label of theirs, and only 0 and 1 for its value.

    prefix (str): Such as "polarity:". Other labels are left out, and texts that have none with it.
    RETURNS (Callable[[Language, Example], Iterator[Example]]): An augmenter for `spacy.Corpus.v1`.
    """
    return partial(keep_labels, prefix=prefix)


def keep_labels(nlp: Language, example: Example, *, prefix: str) -> Iterator[Example]:
    """YIELDS (Example): The example with the labels of one group as 0 and 1, if it has any."""
    cats = {key: float(value >= 0.5) for key, value in example.reference.cats.items() if key.startswith(prefix)}
    if cats:
        reference = example.reference.copy()
        reference.cats = cats
        yield Example(example.predicted, reference)
