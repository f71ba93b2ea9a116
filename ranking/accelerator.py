"""Where tensors live: the GPU where there is one, else the processor."""

import torch


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
