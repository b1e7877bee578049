"""Hugging Face generate: sampled answers at temperature 1, none of which may end early; new tokens/s of the median."""

import time

import torch
from shape import arguments, llama, report

chosen = arguments(__doc__, answers=64, prompt_tokens=32, new_tokens=64)
model = llama(chosen)
model.eval()


def step():
    prompts = torch.randint(3, model.config.vocab_size, (chosen.answers, chosen.prompt_tokens))
    begin = time.perf_counter()
    with torch.inference_mode():
        answers = model.generate(
            input_ids=prompts,
            attention_mask=torch.ones_like(prompts),
            do_sample=True,
            temperature=1.0,
            top_k=0,
            top_p=1.0,
            min_new_tokens=chosen.new_tokens,
            max_new_tokens=chosen.new_tokens,
            pad_token_id=0,
        )
    assert answers.shape[1] == chosen.prompt_tokens + chosen.new_tokens
    return time.perf_counter() - begin


seconds = [step() for _ in range(chosen.warmup + chosen.steps)][chosen.warmup :]
report(model, seconds, chosen.answers * chosen.new_tokens)
