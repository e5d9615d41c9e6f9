"""How far probabilities are from what comes true."""

import numpy

N_BINS = 15


def get_calibration_error(confidence: numpy.ndarray, right: numpy.ndarray, n_bins: int = N_BINS) -> float:
    """Compute the expected calibration error: the mean gap between confidence and accuracy, over bins of equal width.

    confidence (numpy.ndarray): (n,) Probabilities: of the chosen label, or of one label of several.
    right (numpy.ndarray): (n,) Whether that label is right.
    n_bins (int): The bins (0, 1/n], (1/n, 2/n], …; 0 is in the first.
    RETURNS (float): In [0, 1]; 0 without items.
    SOURCE: Guo et al. (2017), equation 3, https://proceedings.mlr.press/v70/guo17a.html
    """
    if not len(confidence):
        return 0.0
    bins = numpy.clip(numpy.ceil(confidence * n_bins).astype("i8") - 1, 0, n_bins - 1)
    # The sums of a bin differ by its size times the gap of its means.
    gaps = numpy.bincount(bins, weights=right.astype("d") - confidence, minlength=n_bins)
    return float(numpy.abs(gaps).sum() / len(confidence))
