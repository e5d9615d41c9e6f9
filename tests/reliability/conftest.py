from pathlib import Path

import pytest
from spacy.language import Language

from benchmarks.reliability_checks.models import make_tiny


@pytest.fixture(scope="session")
def nlp(weights: Path) -> Language:
    """All heads on a tiny encoder."""
    return make_tiny(weights)
