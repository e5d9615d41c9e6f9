import zlib
from pathlib import Path
from typing import Dict, List, NamedTuple, Sequence, Union

import numpy
from spacy.cli._util import Arg, Opt, setup_gpu
from spacy.language import Language
from spacy.training import Corpus, Example
from spacy.util import load_model
from wasabi import msg

from ..errors import Errors
from ..evaluation.thresholds import get_f_score, search_threshold
from ..labels import EMOTION, get_group
from .root import bertsent_cli, readable_errors


class Choice(NamedTuple):
    """The threshold of one emotion.

    label (str): The emotion. positives (int): Number of texts that have it.
    before (float), after (float): Its thresholds. f_before (float), f_after (float): F1 with them.
    """

    label: str
    positives: int
    before: float
    after: float
    f_before: float
    f_after: float


@bertsent_cli.command("thresholds")
def thresholds_cli(
    model: str = Arg(..., help="Pipeline with an emotions component: a directory or an installed package"),
    corpus: Path = Arg(..., help="A .spacy file with emotions that the pipeline was not trained on"),
    output: Path = Opt(..., "--output", "-o", help="Directory for the pipeline with the new thresholds"),
    pipe: str = Opt("emotions", "--pipe", "-p", help="Name of the emotions component"),
    gpu_id: int = Opt(-1, "--gpu-id", "-g", help="GPU ID or -1 for CPU"),
) -> None:
    """Choose the threshold of each emotion that gives the best F1 on a corpus, and save the pipeline with them.

    An emotion that no text has keeps its threshold. Scores on this corpus are now too good: measure on another one.
    """
    with readable_errors("No threshold was chosen"):
        check_paths(model, corpus, output)
        setup_gpu(gpu_id, silent=True)
        nlp = load_model(model)
        choices = choose_thresholds(nlp, read_corpus(nlp, corpus), pipe=pipe, model=model, corpus=str(corpus))
        set_thresholds(nlp, {choice.label: choice.after for choice in choices}, pipe=pipe)
        nlp.to_disk(output)
    print_choices(choices)
    msg.good(f"Saved: {output}")


def choose_thresholds(
    nlp: Language, examples: Sequence[Example], *, pipe: str = "emotions", model: str = "", corpus: str = "the corpus"
) -> List[Choice]:
    """Find the threshold of each emotion with the best F1. The pipeline stays as it is.

    nlp (Language): The pipeline. examples (Sequence[Example]): With gold emotions; predictions are written on them.
    pipe (str): Name of the emotions component. model (str), corpus (str): What they are called in messages.
    RETURNS (List[Choice]): One for each label of the component, in its order.
    RAISES (ValueError): BS046 if the component has no such thresholds, BS047 if there is no gold.
    """
    from ..components.emotions import Emotions

    component = nlp.get_pipe(pipe) if pipe in nlp.pipe_names else None
    if not isinstance(component, Emotions):
        names = ", ".join(nlp.pipe_names) or "no component"
        raise ValueError(Errors.BS046.format(pipe=pipe, model=model, names=names))
    examples = [eg for eg in examples if get_group(eg.reference.cats, EMOTION)]
    if not examples:
        raise ValueError(Errors.BS047.format(path=corpus))
    later = nlp.pipe_names[nlp.pipe_names.index(pipe) + 1 :]
    with nlp.select_pipes(disable=later):
        docs = list(nlp.pipe([eg.predicted for eg in examples]))
    choices = []
    for label, before in component.thresholds.items():
        key = EMOTION + label
        rows = [(doc.cats[key], eg.reference.cats[key]) for doc, eg in zip(docs, examples) if key in eg.reference.cats]
        scores = numpy.asarray([score for score, _ in rows], dtype="d")
        gold = numpy.asarray([value >= 0.5 for _, value in rows], dtype="bool")
        after = search_threshold(scores, gold) if gold.any() else before
        f_scores = [get_f_score(scores, gold, threshold) for threshold in (before, after)]
        choices.append(Choice(label, int(gold.sum()), before, after, *f_scores))
    return choices


def set_thresholds(nlp: Language, thresholds: Dict[str, float], *, pipe: str = "emotions") -> None:
    """Set the thresholds of a component, and in the pipeline's config.

    nlp (Language): The pipeline. thresholds (Dict[str, float]): By label. pipe (str): Name of the emotions component.
    """
    nlp.get_pipe(pipe).cfg["thresholds"] = dict(thresholds)  # type: ignore[attr-defined]
    nlp.get_pipe_config(pipe)["thresholds"] = dict(thresholds)


def read_corpus(nlp: Language, path: Path) -> List[Example]:
    """RETURNS (List[Example]): All of a .spacy file or directory. RAISES (ValueError): BS049."""
    try:
        return list(Corpus(path)(nlp))
    except (zlib.error, ValueError, TypeError) as e:
        raise ValueError(Errors.BS049.format(path=path, fault=e)) from e


def check_paths(model: Union[str, Path], corpus: Path, output: Path) -> None:
    """Check the arguments before anything is loaded. RAISES (ValueError): BS021 or BS048."""
    if not corpus.exists():
        raise ValueError(Errors.BS021.format(path=corpus, advice="The corpus comes after the pipeline."))
    if Path(model).resolve() == output.resolve():
        raise ValueError(Errors.BS048.format(path=output))


def print_choices(choices: Sequence[Choice]) -> None:
    """Print the thresholds and F1 scores before and after."""
    header = ("Emotion", "Texts", "Before", "After", "F1 before", "F1 after")
    rows = [
        (x.label, x.positives, f"{x.before:g}", f"{x.after:g}", _to_percent(x.f_before), _to_percent(x.f_after))
        for x in choices
    ]
    macro = [sum(column) / len(choices) for column in zip(*((x.f_before, x.f_after) for x in choices))]
    footer = ("macro-F1", "", "", "", *map(_to_percent, macro))
    msg.table(rows, header=header, footer=footer, divider=True, aligns=("l", "r", "r", "r", "r", "r"))
    rare = [x.label for x in choices if not x.positives]
    if rare:
        msg.warn(f"No text has these emotions, they keep their thresholds: {', '.join(rare)}")


def _to_percent(value: float) -> str:
    return f"{100 * value:.2f}"
