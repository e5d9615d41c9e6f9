from typing import Any, Dict

import pytest
import spacy

from spacy_bertsent import Limits, pipe


@pytest.mark.parametrize(
    "settings",
    [
        {"max_characters": 0},
        {"max_run": -1},
        {"max_run": 1.5},
        {"read_ahead": True},
        {"max_restarts": "3"},
        {"timeout": 0},
        {"too_long": "cut"},
        {"surrogates": "ignore"},
    ],
)
def test_settings_without_sense_are_refused(settings: Dict[str, Any]) -> None:
    (name,) = settings
    with pytest.raises(ValueError, match=rf"BS069.*{name}"):
        Limits(**settings)


@pytest.mark.parametrize("settings", [{"batch_size": 0}, {"n_process": 0}, {"n_process": -2}])
def test_settings_of_the_stream_are_checked_before_the_first_text(settings: Dict[str, int]) -> None:
    with pytest.raises(ValueError, match="BS069"):
        pipe(spacy.blank("en"), [], **settings)  # type: ignore[arg-type]
