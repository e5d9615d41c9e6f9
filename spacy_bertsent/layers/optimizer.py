"""AdamW that steps a torch module in one fused call and thinc parameters one by one."""

from typing import Any, Dict, Tuple

import torch
from thinc.api import Optimizer
from thinc.optimizers import FloatOrSeq
from thinc.types import FloatsXd


class AdamW(Optimizer):
    """Adam with decoupled weight decay on matrices only: biases and normalisation weights are not decayed.

    Loshchilov & Hutter (2019), https://arxiv.org/abs/1711.05101. One state per parameter, kept here as in thinc; a
    backbone's parameters share one fused torch step, at `module_factor` times the learning rate.
    """

    def __init__(
        self,
        learn_rate: FloatOrSeq,
        *,
        beta1: float,
        beta2: float,
        eps: float,
        weight_decay: float,
        module_factor: float = 1.0,
    ):
        super().__init__(
            learn_rate, L2=weight_decay, beta1=beta1, beta2=beta2, eps=eps, grad_clip=0.0,
            use_averages=False, L2_is_weight_decay=True,
        )  # fmt: skip
        self.module_factor = module_factor
        self._torch: Dict[int, Tuple[Any, torch.optim.AdamW]] = {}

    def __call__(
        self, key: Tuple[int, str], weights: FloatsXd, gradient: FloatsXd, *, lr_scale: float = 1.0
    ) -> Tuple[FloatsXd, FloatsXd]:
        decay = self.L2
        self.L2 = decay if weights.ndim > 1 else 0.0
        try:
            return super().__call__(key, weights, gradient, lr_scale=lr_scale)
        finally:
            self.L2 = decay

    def step_module(self, key: int, module: torch.nn.Module) -> None:
        """Step all parameters of a torch module that have a gradient.

        key (int): Id of the shim that holds the module. module (torch.nn.Module): Its `.grad`s are read, not cleared.
        """
        known = self._torch.get(key)
        if known is None or known[0] is not module:
            # A module is replaced when weights are loaded: its old moments are not of these weights.
            known = (module, self._make(module))
            self._torch[key] = known
        for group in known[1].param_groups:
            group["lr"] = self._get_module_rate()
        known[1].step()

    def _make(self, module: torch.nn.Module) -> torch.optim.AdamW:
        params = [p for p in module.parameters() if p.requires_grad]
        groups = [
            {"params": [p for p in params if p.ndim > 1], "weight_decay": float(self.L2)},
            {"params": [p for p in params if p.ndim <= 1], "weight_decay": 0.0},
        ]
        return torch.optim.AdamW(groups, lr=self._get_module_rate(), betas=(self.b1, self.b2), eps=self.eps, fused=True)

    def _get_module_rate(self) -> float:
        return float(self.learn_rate) * self.module_factor


def build_adamw(
    learn_rate: FloatOrSeq = 5e-5,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    weight_decay: float = 0.01,
    module_factor: float = 1.0,
) -> AdamW:
    """Make an AdamW optimizer, registered as `spacy-bertsent.AdamW.v1`.

    learn_rate (float or schedule): Such as `warmup_linear.v1`. beta1 (float), beta2 (float): Decay of the moments.
    eps (float): Added to the root of the second moment. weight_decay (float): Times the learning rate, each step.
    module_factor (float): The learning rate of torch modules, which is the encoder, is `learn_rate` times this. Our
        heads have a `learn_rate_factor`; spaCy's components have none, and learn too slowly at the rate of an encoder.
    RETURNS (AdamW): A thinc optimizer.
    """
    return AdamW(learn_rate, beta1=beta1, beta2=beta2, eps=eps, weight_decay=weight_decay, module_factor=module_factor)
