"""Where tensors live, the GPU where there is one, else the processor; and in what precision a network runs there."""

from contextlib import AbstractContextManager

import torch


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def half(here: torch.device) -> AbstractContextManager:
    """bfloat16 where the matrix products and convolutions inside lose nothing that counts; not on a GPU that would only
    emulate it."""
    able = here.type != "cuda" or torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.autocast(here.type, torch.bfloat16, enabled=able)
