"""Systems to compare with: scikit-learn estimators and a lexicon as components that write the same results."""
