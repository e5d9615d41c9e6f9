"""What runs in another process."""

import signal
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from typing import Any, Tuple, Union

from spacy.language import Language
from spacy.tokens.underscore import Underscore

from .batch import ResultT, process_items
from .limits import Limits
from .outcomes import Fault, make_fault


def run_worker(
    connection: Connection, nlp: Language, limits: Limits, tracebacks: bool, extensions: Tuple[Any, ...]
) -> None:
    """Answer batches until told to stop, or until the process that asks is gone.

    connection (Connection): Gives lists of items, or None to stop; takes lists of Doc bytes or faults.
    nlp (Language): The pipeline. limits (Limits): See there. tracebacks (bool): Keep tracebacks in faults.
    extensions (Tuple): The state of the extension attributes.
    """
    # Ctrl-C is for the process that reads the stream: it ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Underscore.load_state(extensions)  # type: ignore[arg-type]
    parent: Any = parent_process()
    try:
        connection.send("ready")
        while connection in wait([connection, parent.sentinel]):
            items = connection.recv()
            if items is None:
                return
            results = process_items(nlp, items, limits, tracebacks)
            connection.send([_to_bytes(result, tracebacks) for result in results])
    except (EOFError, OSError):
        return


def _to_bytes(result: ResultT, tracebacks: bool) -> Union[bytes, Fault]:
    if isinstance(result, Fault):
        return result
    try:
        return result.to_bytes()
    except Exception as error:
        return make_fault("worker", error, tracebacks)
