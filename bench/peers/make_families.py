"""Tiny random models of every family, and what transformers computes on them: the folders of test/fixtures/golden/models.

    ../peers-venv/bin/pip install torch transformers safetensors
    ../peers-venv/bin/python bench/peers/make_families.py test/fixtures/golden/models [NAME ...]

Each folder is what save_pretrained writes, with expected.json, grads.safetensors and after-step.safetensors beside it,
as test/fixtures/golden/README.md says. Weights are rounded to bfloat16 and stored so, computed with in float32. The
sequences and the greedy prompt are longer than every window.
"""

import argparse
import copy
import json
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file

SIZES = dict(
    vocab_size=96,
    hidden_size=32,
    intermediate_size=48,
    num_hidden_layers=3,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=128,
    bos_token_id=1,
    eos_token_id=2,
    pad_token_id=0,
)
LOW, FULL = "sliding_attention", "full_attention"
YARN = {"rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0, "original_max_position_embeddings": 16}

# name: (model_type, what its config has beside SIZES)
FAMILIES = {
    "mistral-tiny": ("mistral", dict(sliding_window=6, head_dim=12)),
    "mistral-full": ("mistral", dict(sliding_window=None, num_hidden_layers=2)),
    "ministral-tiny": ("ministral", dict(sliding_window=5, layer_types=[LOW, FULL, LOW], head_dim=8)),
    "smollm3-tiny": ("smollm3", dict(num_hidden_layers=4, no_rope_layer_interval=4, tie_word_embeddings=True)),
    "smollm3-window": (
        "smollm3",
        dict(no_rope_layers=[1, 0, 1], use_sliding_window=True, sliding_window=5, mlp_bias=True),
    ),
    "granite-tiny": (
        "granite",
        dict(
            embedding_multiplier=3.0,
            logits_scaling=0.7,
            residual_multiplier=0.4,
            attention_multiplier=0.25,
            num_hidden_layers=2,
        ),
    ),
    "olmo2-tiny": ("olmo2", dict(num_hidden_layers=2)),
    "olmo3-tiny": (
        "olmo3",
        dict(
            sliding_window=6,
            layer_types=[LOW, FULL, LOW],
            rope_parameters={
                FULL: YARN,
                LOW: {"rope_type": "default", "rope_theta": 10000.0},
            },
        ),
    ),
    "seed_oss-tiny": ("seed_oss", dict(num_hidden_layers=2, head_dim=12)),
    "seed_oss-biased": (
        "seed_oss",
        dict(num_hidden_layers=2, head_dim=8, attention_out_bias=True, mlp_bias=True, attention_bias=False),
    ),
}
FAMILIES |= {
    "phi3-tiny": ("phi3", dict(num_hidden_layers=2, sliding_window=6)),
    "phi3-longrope": (
        "phi3",
        dict(
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=1,
            max_position_embeddings=512,
            original_max_position_embeddings=256,
            partial_rotary_factor=0.75,
            tie_word_embeddings=True,
            rope_parameters={
                "rope_type": "longrope",
                "rope_theta": 10000.0,
                "short_factor": [1.0, 1.1, 1.3, 1.6, 2.0, 2.5],
                "long_factor": [1.5, 2.5, 4.0, 7.0, 11.0, 16.0],
            },
        ),
    ),
    "gemma-tiny": ("gemma", dict(num_hidden_layers=2, head_dim=12)),
    "gemma2-tiny": (
        "gemma2",
        dict(
            head_dim=12,
            query_pre_attn_scalar=12,
            sliding_window=6,
            attn_logit_softcapping=3.0,
            final_logit_softcapping=8.0,
        ),
    ),
    "gemma3_text-tiny": (
        "gemma3_text",
        dict(
            num_hidden_layers=6,
            intermediate_size=24,
            num_attention_heads=2,
            num_key_value_heads=1,
            head_dim=8,
            query_pre_attn_scalar=8,
            sliding_window=6,
            rope_parameters={
                FULL: {"rope_type": "linear", "factor": 8.0, "rope_theta": 1000000.0},
                LOW: {"rope_type": "default", "rope_theta": 10000.0},
            },
        ),
    ),
    "gemma3_text-layers": (
        "gemma3_text",
        dict(
            head_dim=8,
            query_pre_attn_scalar=20,
            sliding_window=5,
            layer_types=[LOW, LOW, FULL],
            rope_parameters={
                FULL: {"rope_type": "linear", "factor": 4.0, "rope_theta": 100000.0},
                LOW: {"rope_type": "default", "rope_theta": 10000.0},
            },
        ),
    ),
    "qwen2-yarn": (
        "qwen2",
        dict(
            num_hidden_layers=2,
            use_sliding_window=True,
            sliding_window=7,
            max_window_layers=1,
            rope_parameters={**YARN, "factor": 8.0, "beta_fast": 8.0, "attention_factor": 1.1},
        ),
    ),
    "qwen3-biased": ("qwen3", dict(num_hidden_layers=2, head_dim=8, attention_bias=True)),
    "qwen3-yarn": (
        "qwen3",
        dict(
            num_hidden_layers=2,
            head_dim=12,
            rope_parameters={**YARN, "factor": 8.0},
        ),
    ),
    "llama-dynamic": (
        "llama",
        dict(
            num_hidden_layers=2,
            rope_parameters={"rope_type": "dynamic", "rope_theta": 10000.0, "factor": 2.0},
        ),
    ),
    "llama-linear": (
        "llama",
        dict(
            num_hidden_layers=2,
            attention_bias=True,
            mlp_bias=True,
            rope_parameters={"rope_type": "linear", "rope_theta": 10000.0, "factor": 3.0},
        ),
    ),
}
LENGTHS = [24, 17, 9, 2]
GREEDY_PROMPT, GREEDY_TOKENS = 12, 20
STEP = dict(lr=1e-2, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.1)


def random_weights(model, seed):
    """Matrices by their inputs, norms about what leaves a row as it is, biases of like size; all told in bfloat16."""
    draw = torch.Generator().manual_seed(seed)
    zero_norms = "Gemma" in type(model).__name__
    for name, weight in model.named_parameters():
        noise = torch.randn(weight.shape, generator=draw)
        if "norm" in name:
            values = (0.0 if zero_norms else 1.0) + 0.2 * noise
        elif weight.dim() == 1:
            values = 0.3 * noise
        elif "embed_tokens" in name:
            # Gemma multiplies by the root of the width: rows of like size go in.
            values = 0.7 * noise * (weight.shape[1] ** -0.5 if zero_norms else 1.0)
        else:
            values = 1.3 * weight.shape[1] ** -0.5 * noise
        with torch.no_grad():
            weight.copy_(values.bfloat16().float())


def distributions(model, tokens):
    return model(torch.tensor([tokens])).logits[0].log_softmax(-1)


def make(folder, name, seed):
    model_type, more = FAMILIES[name]
    more = {**SIZES, **more}
    config = transformers.AutoConfig.for_model(model_type, **more)
    model = transformers.AutoModelForCausalLM.from_config(config, attn_implementation="eager").float().eval()
    random_weights(model, seed)
    numbers = torch.Generator().manual_seed(seed + 1)
    pick = lambda count: torch.randint(3, config.vocab_size, (count,), generator=numbers).tolist()
    sequences = []
    loss = 0.0
    for length in LENGTHS:
        tokens = pick(length)
        weights = torch.randn(length - 1, generator=numbers)
        every = distributions(model, tokens)[:-1]
        logps = every.gather(1, torch.tensor(tokens[1:])[:, None])[:, 0]
        loss = loss - (weights * logps).sum()
        sequences.append(
            dict(
                tokens=tokens,
                logprobs=logps.tolist(),
                entropy=(-(every.exp() * every).sum(-1)).tolist(),
                weights=weights.tolist(),
            )
        )
    loss.backward()
    grads = {key: weight.grad.clone() for key, weight in model.named_parameters()}

    prompt = pick(GREEDY_PROMPT)
    tokens, margin = list(prompt), float("inf")
    with torch.no_grad():
        for _ in range(GREEDY_TOKENS):
            best = distributions(model, tokens)[-1].topk(2)
            margin = min(margin, (best.values[0] - best.values[1]).item())
            tokens.append(best.indices[0].item())
    if margin < 2e-3:
        return False

    path = folder / name
    copy.deepcopy(model).bfloat16().save_pretrained(path)
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0).item()
    torch.optim.AdamW(model.parameters(), **STEP).step()
    after = {key: weight.detach().contiguous() for key, weight in model.named_parameters()}
    save_file(grads, path / "grads.safetensors", metadata={"format": "pt"})
    save_file(after, path / "after-step.safetensors", metadata={"format": "pt"})
    expected = dict(
        transformers=transformers.__version__,
        torch=torch.__version__,
        loss=loss.item(),
        gradNorm=norm,
        sequences=sequences,
        greedy=dict(prompt=prompt, continuation=tokens[GREEDY_PROMPT:]),
    )
    (path / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    print(f"{name}: {sum(file.stat().st_size for file in path.iterdir()) // 1000} kB, greedy margin {margin:.4f}")
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", default=list(FAMILIES))
    options = parser.parse_args()
    torch.set_num_threads(1)
    for name in options.names:
        # A near tie among greedy tokens would hold others to a rounding: take the next seed.
        if not any(make(options.folder, name, seed) for seed in range(20)):
            sys.exit(f"{name}: no seed without a near tie")


if __name__ == "__main__":
    main()
