"""The checks of benchmarks/reliability.py with small counts."""

from pathlib import Path
from typing import List

import pytest
from spacy.language import Language

from benchmarks.reliability_checks import batches, faults, odd_texts, pieces, storing, streams
from benchmarks.reliability_checks.finding import Finding
from benchmarks.reliability_checks.models import make_finder


def expect(findings: List[Finding], test: str, count: int, n_shown: int = 0) -> None:
    assert [finding for finding in findings if finding.passed is False] == []
    assert sum(finding.passed is None for finding in findings) == n_shown
    assert [finding.test for finding in findings] == [test] * count


def test_bad_texts_cost_themselves(nlp: Language) -> None:
    expect(streams.check_poison(nlp, 60, 3, [1, 7, 64], [1]), "R1", 6)
    expect(streams.check_poison(nlp, 60, 3, [7], [2]), "R1", 2)


def test_faults_in_the_forward_pass_are_survived(nlp: Language) -> None:
    expect(faults.check_faults(nlp, 6), "R2", 1)


def test_odd_inputs_do_not_end_the_stream(nlp: Language) -> None:
    expect(streams.check_odd_inputs(nlp, 100), "R3", 2)


def test_killed_workers_are_replaced_or_named(nlp: Language) -> None:
    expect(streams.check_killed_workers(nlp, 1), "R4", 2)


def test_results_do_not_depend_on_the_batch(nlp: Language) -> None:
    expect(batches.check_batches(nlp, 40, [2, 8, 32], 1), "R5", 3)


def test_pairs_do_not_see_their_neighbours(nlp: Language) -> None:
    expect(batches.check_pairs(nlp, 60), "R6", 2)


def test_any_string_gives_sound_scores(nlp: Language) -> None:
    expect(odd_texts.check_unicode(nlp, 2000), "R8", 1)


def test_long_runs_take_no_longer_than_their_length(nlp: Language) -> None:
    expect(odd_texts.check_runs(nlp, [1000, 10_000], tokenizer_only=True), "R9", 2)


def test_names_of_special_pieces_are_text(nlp: Language) -> None:
    expect(pieces.check_special_pieces(nlp, 500), "R10", 2)


@pytest.mark.slow
def test_far_words_are_found(tmp_path: Path) -> None:
    finder = make_finder(tmp_path, 80, [4, 8, 16, 64, 200])
    expect(pieces.check_far_words(finder, [10, 510, 511, 512, 600, 5000]), "R11", 4, n_shown=2)


# spaCy's own command leaves files open.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_stored_pipelines_give_the_same_bits(nlp: Language, tmp_path: Path) -> None:
    expect(storing.check_storing(nlp, tmp_path, 20), "R12", 4)
