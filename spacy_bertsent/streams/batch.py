"""One batch through a pipeline, where a bad document costs only itself."""

from typing import Any, List, Sequence, Union

from spacy.language import Language
from spacy.tokens import Doc

from ..errors import Errors
from .inputs import Item, make_doc
from .limits import Limits
from .outcomes import Fault, make_fault

ResultT = Union[Doc, Fault]


def process_items(nlp: Language, items: Sequence[Item], limits: Limits, tracebacks: bool = False) -> List[ResultT]:
    """Run a pipeline over a batch.

    nlp (Language): Any pipeline. items (Sequence[Item]): The batch. limits (Limits): See there.
    tracebacks (bool): Keep tracebacks in faults.
    RETURNS (List[ResultT]): A Doc or a fault for each item, in order.
    """
    results: List[ResultT] = []
    for item in items:
        try:
            results.append(make_doc(nlp, item, limits))
        except Exception as error:
            results.append(make_fault("tokenizer", error, tracebacks))
    for name, component in nlp.pipeline:
        places = [i for i, result in enumerate(results) if isinstance(result, Doc)]
        docs = [results[i] for i in places]
        for i, result in zip(places, run_component(name, component, docs, tracebacks)):  # type: ignore[arg-type]
            results[i] = result
    return results


def run_component(name: str, component: Any, docs: Sequence[Doc], tracebacks: bool = False) -> List[ResultT]:
    """Run one component over a batch, and over each document alone that it did not give back.

    name (str): Of the component. component (Callable[[Doc], Doc]): With or without a method `pipe`.
    docs (Sequence[Doc]): The batch. tracebacks (bool): Keep tracebacks in faults.
    RETURNS (List[ResultT]): A Doc or a fault for each document, in order.
    """
    done: List[Doc] = []
    try:
        for doc in _run(component, docs):
            done.append(doc)
    except Exception:
        # Which of them is at fault shows when each runs alone.
        pass
    else:
        if len(done) == len(docs) and all(isinstance(doc, Doc) for doc in done):
            return list(done)
    finished = {id(doc) for doc in done}
    return [doc if id(doc) in finished else _run_alone(name, component, doc, tracebacks) for doc in docs]


def _run_alone(name: str, component: Any, doc: Doc, tracebacks: bool) -> ResultT:
    try:
        given = list(_run(component, [doc]))
        if len(given) != 1 or not isinstance(given[0], Doc):
            found = type(given[0]).__name__ if given else "nothing"
            raise ValueError(Errors.BS068.format(pipe=name, found=found))
        return given[0]
    except Exception as error:
        return make_fault(name, error, tracebacks)


def _run(component: Any, docs: Sequence[Doc]) -> Any:
    if hasattr(component, "pipe"):
        return component.pipe(iter(docs), batch_size=max(1, len(docs)))
    return map(component, docs)
