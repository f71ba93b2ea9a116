"""Where tensors live, the GPU where there is one, else the processor; and in what precision a network runs there."""

from contextlib import AbstractContextManager
from functools import cache

import torch

BLOCK = 2**25  # numbers of single precision that are worked on at once, 128 MiB


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def half(here: torch.device) -> AbstractContextManager:
    """bfloat16 where the matrix products and convolutions inside lose nothing that counts; not where it would only be
    emulated."""
    return torch.autocast(here.type, torch.bfloat16, enabled=computes_in_half(here.type))


@cache
def computes_in_half(kind: str) -> bool:
    if kind == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    able = torch.cpu.get_capabilities()
    return any(able.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16"))
