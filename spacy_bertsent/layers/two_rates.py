"""AdamW with a learning rate for the encoder and another for all heads, spaCy's own among them."""

from typing import Any

from thinc.optimizers import FloatOrSeq

from .optimizer import AdamW


class TwoRateAdamW(AdamW):
    """AdamW that steps torch modules with a part of its learning rate.

    Our heads have a `learn_rate_factor`; spaCy's components have none, and at the rate of an encoder their new weights
    learn too slowly.
    """

    def __init__(self, learn_rate: FloatOrSeq, *, module_factor: float, **settings: float):
        super().__init__(learn_rate, **settings)
        self.module_factor = module_factor

    def step_module(self, key: int, module: Any) -> None:
        """Step a torch module. See `AdamW.step_module` for the arguments."""
        rate: Any = self.learn_rate
        self.learn_rate = rate * self.module_factor
        try:
            super().step_module(key, module)
        finally:
            self.learn_rate = rate


def build_two_rate_adamw(
    learn_rate: FloatOrSeq = 1e-3,
    module_factor: float = 0.1,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    weight_decay: float = 0.01,
) -> TwoRateAdamW:
    """Make an AdamW optimizer with two rates, registered as `spacy-bertsent.TwoRateAdamW.v1`.

    learn_rate (float or schedule): Of thinc weights: the heads. module_factor (float): The learning rate of torch
    modules, which is the encoder, is `learn_rate` times this. Other arguments: see `build_adamw`.
    RETURNS (TwoRateAdamW): A thinc optimizer.
    """
    return TwoRateAdamW(
        learn_rate, module_factor=module_factor, beta1=beta1, beta2=beta2, eps=eps, weight_decay=weight_decay
    )
