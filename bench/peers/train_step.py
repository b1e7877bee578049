"""Hugging Face Llama: forward, backward, clipping and AdamW on random tokens; tokens/s of the median step.

With --bf16 1 its products are of bfloat16 (autocast), weights and moments stay float32.
"""

import contextlib
import time

import torch
from shape import arguments, llama, report

chosen = arguments(__doc__, batch=8, length=256, bf16=0)
model = llama(chosen)
model.train()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, weight_decay=0.1, fused=True)
vocabulary = model.config.vocab_size


def step():
    tokens = torch.randint(vocabulary, (chosen.batch, chosen.length))
    begin = time.perf_counter()
    optimizer.zero_grad(set_to_none=True)
    with torch.autocast("cpu", torch.bfloat16) if chosen.bf16 else contextlib.nullcontext():
        loss = model(input_ids=tokens, labels=tokens, use_cache=False).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return time.perf_counter() - begin


seconds = [step() for _ in range(chosen.warmup + chosen.steps)][chosen.warmup :]
report(model, seconds, chosen.batch * chosen.length)
