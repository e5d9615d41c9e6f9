"""All messages, by their codes."""

from spacy.errors import ErrorsWithCodes

from .aspects import AspectErrors
from .data import DataErrors
from .evaluation import EvaluationErrors
from .pipeline import PipelineErrors
from .streams import StreamErrors


class Errors(PipelineErrors, AspectErrors, DataErrors, StreamErrors, EvaluationErrors, metaclass=ErrorsWithCodes):
    """Messages say what came, what was expected, and what to type next."""


class Warnings(metaclass=ErrorsWithCodes):
    """What may be meant, and may be a mistake."""

    BW001 = (
        "The gradient of '{pipe}' was not finite in this step: the step is skipped, the {count}th in a row. "
        "If this goes on, lower the learning rate."
    )
    BW002 = "{count} of {total} gold aspects stand inside other tokens than the predicted Doc has, the first: {text!r}."
    BW024 = (
        "'{pipe}' takes aspects from doc.spans['{key}'], but no component has written that group (there are: {found}). "
        "Put the one that writes it before '{pipe}', or mend 'finders' in its config."
    )
    BW056 = (
        "'{pipe}' asks about each sentence, but some gold categories stand for several, and count as mentioned in each."
        ' If the texts were annotated as a whole, type: context = "document" in [components.{pipe}].'
    )
    BW120 = (
        "Training changes the weights that the int8 weights of the backbone were made from: these are dropped, and it "
        'runs as with precision = "auto". '
        "Make them again afterwards: python -m spacy bertsent quantize MODEL SAMPLE.txt OUTPUT"
    )
