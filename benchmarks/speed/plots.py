"""Pictures of what was measured."""

from pathlib import Path
from typing import Dict, List, Sequence, Tuple

import matplotlib
from matplotlib import pyplot

matplotlib.use("agg")
# Lines are told apart without colours as well.
MARKERS = "osD^vP*Xh<>"
PointsT = Sequence[Tuple[float, float]]


def plot_lines(
    lines: Dict[str, PointsT], path: Path, *, title: str, x: str, y: str, log_y: bool = False, note: str = ""
) -> None:
    """Draw lines over an axis of powers of two.

    lines (Dict[str, PointsT]): Points by name. path (Path): The picture. title (str), x (str), y (str): Words on it.
    log_y (bool): Logarithmic upwards too. note (str): Below it: the machine.
    """
    figure, axes = pyplot.subplots(figsize=(8, 4.8), layout="constrained")
    for (name, points), marker in zip(lines.items(), MARKERS * len(lines)):
        ours = name.startswith("ours")
        axes.plot(*zip(*sorted(points)), marker=marker, markersize=5, linewidth=2.2 if ours else 1.2, label=name)
    axes.set_xscale("log", base=2)
    ticks: List[float] = sorted({point[0] for points in lines.values() for point in points})
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    if log_y:
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)
    axes.set(title=title, xlabel=x, ylabel=y)
    axes.grid(alpha=0.3)
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), fontsize=8, frameon=False)
    figure.supxlabel(note, fontsize=7, color="0.4")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)
