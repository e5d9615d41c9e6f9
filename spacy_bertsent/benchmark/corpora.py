"""The splits of a data set as .spacy files, made once from the raw data."""

import hashlib
import json
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence

from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from ..converters.split import split_docs
from ..errors import Errors
from .suite import DataSet, Split, fill_places

PARTS = ("train", "select", "report")
# Of a folder of corpora: what was made, and from what.
ACCOUNT = "corpora.json"
RunT = Callable[[Sequence[str], Path], int]


class Corpus(NamedTuple):
    """A .spacy file. path (Path): The file. texts (int): Number of texts. digest (str): Of texts and annotation."""

    path: Path
    texts: int
    digest: str


def find_missing(dataset: DataSet, data: Path) -> List[Path]:
    """RETURNS (List[Path]): Raw files that are not there; FILE.gz will do for FILE."""
    return [path for path in _get_raw(dataset, data) if not _find_packed(path).exists()]


def read_account(dataset: DataSet, data: Path, folder: Path) -> Optional[Dict[str, Corpus]]:
    """Find the corpora that were made already.

    dataset (DataSet): The data set. data (Path): Directory of the raw data. folder (Path): Of the corpora.
    RETURNS (Optional[Dict[str, Corpus]]): By split; None if some are missing, or the raw data or steps are others now.
    """
    path = folder / ACCOUNT
    if not path.is_file() or not all((folder / f"{part}.spacy").is_file() for part in PARTS):
        return None
    account = json.loads(path.read_text("utf8"))
    if account["source"] != _hash_source(dataset, data):
        return None
    return {part: Corpus(folder / f"{part}.spacy", *account["corpora"][part]) for part in PARTS}


def make_corpora(dataset: DataSet, data: Path, folder: Path, run: RunT) -> Dict[str, Corpus]:
    """Make the corpora of a data set.

    dataset (DataSet): The data set. data (Path): Directory of the raw data.
    folder (Path): For the corpora; what is there is removed. run (RunT): Runs a command.
    RETURNS (Dict[str, Corpus]): By split.
    RAISES (ValueError): BS094 if a step fails or a split is missing in the end; BS035 if a part would be empty.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    log = folder / "log.txt"
    for step in dataset.make:
        if isinstance(step, Split):
            split_corpus(step, folder)
            continue
        words = [fill_places(word, {"data": data, "corpus": folder}) for word in shlex.split(step)]
        if run([sys.executable, "-m", "spacy", "bertsent", "convert", *words], log):
            raise ValueError(Errors.BS094.format(name=dataset.name, fault=f"'convert {step}' failed", log=log))
    corpora = {}
    for part in PARTS:
        path = folder / f"{part}.spacy"
        if not path.is_file():
            raise ValueError(Errors.BS094.format(name=dataset.name, fault=f"there is no {path.name}", log=log))
        docs = read_docs(path)
        corpora[part] = Corpus(path, len(docs), hash_docs(docs))
    account = {part: [corpus.texts, corpus.digest] for part, corpus in corpora.items()}
    text = json.dumps({"source": _hash_source(dataset, data), "corpora": account}, indent=1)
    (folder / ACCOUNT).write_text(text + "\n", "utf8")
    return corpora


def split_corpus(step: Split, folder: Path) -> None:
    """Put a share of a corpus aside, see `Split`. RAISES (ValueError): BS035 if a part would be empty."""
    docs = read_docs(folder / step.split)[: step.first]
    rest, aside = split_docs(docs, step.share)
    write_docs(rest, folder / step.rest)
    write_docs(aside, folder / step.aside)


def merge_corpora(corpora: Sequence[Corpus], path: Path) -> Corpus:
    """Write several corpora as one.

    corpora (Sequence[Corpus]): The parts; a single one is taken as it is. path (Path): The file.
    RETURNS (Corpus): All of them.
    """
    if len(corpora) == 1:
        return corpora[0]
    write_docs([doc for corpus in corpora for doc in read_docs(corpus.path)], path)
    digest = hashlib.sha256("".join(corpus.digest for corpus in corpora).encode("ascii")).hexdigest()[:16]
    return Corpus(path, sum(corpus.texts for corpus in corpora), digest)


def read_docs(path: Path, vocab: Optional[Vocab] = None) -> List[Doc]:
    """RETURNS (List[Doc]): The documents of a .spacy file."""
    return list(DocBin().from_disk(path).get_docs(vocab or Vocab()))


def write_docs(docs: Iterable[Doc], path: Path) -> None:
    """Write documents as `convert` does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    DocBin(docs=docs, store_user_data=False).to_disk(path)


def hash_docs(docs: Iterable[Doc]) -> str:
    """RETURNS (str): Of texts and annotation alone, so that it does not depend on how the file was packed."""
    found = hashlib.sha256()
    for doc in docs:
        spans = [
            (key, [(x.start_char, x.end_char, x.label_, x.kb_id_) for x in group])
            for key, group in sorted(doc.spans.items())
        ]
        found.update(json.dumps([doc.text, sorted(doc.cats.items()), spans]).encode("ascii"))
    return found.hexdigest()[:16]


def _hash_source(dataset: DataSet, data: Path) -> str:
    found = hashlib.sha256(json.dumps([x if isinstance(x, str) else x.model_dump() for x in dataset.make]).encode())
    for path in _get_raw(dataset, data):
        found.update(_find_packed(path).read_bytes() if _find_packed(path).is_file() else b"")
    return found.hexdigest()[:16]


def _get_raw(dataset: DataSet, data: Path) -> List[Path]:
    words = [word for step in dataset.make if isinstance(step, str) for word in shlex.split(step)]
    return [Path(fill_places(word, {"data": data})) for word in words if re.match(r"\{data\}/", word)]


def _find_packed(path: Path) -> Path:
    packed = Path(f"{path}.gz")
    return packed if packed.is_file() and not path.exists() else path
