"""What the three peers share: a Llama of a given shape with random weights, and one JSON line as a report."""

import argparse
import json
import os
import resource
import statistics
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

import torch
import transformers


def arguments(description, **defaults):
    """`--config FILE` is a Hugging Face config.json, or with `--shape NAME` a file such as bench/shapes.json."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--config", required=True)
    parser.add_argument("--shape")
    parser.add_argument("--threads", type=int, default=0, help="0 leaves PyTorch's own choice")
    parser.add_argument("--warmup", type=int, default=1)
    parser.add_argument("--steps", type=int, default=3)
    for name, value in defaults.items():
        parser.add_argument("--" + name.replace("_", "-"), type=int, default=value)
    chosen = parser.parse_args()
    if chosen.threads:
        torch.set_num_threads(chosen.threads)
    return chosen


def llama(chosen):
    with open(chosen.config) as file:
        config = json.load(file)
    if chosen.shape:
        config = config[chosen.shape]["config"]
    torch.manual_seed(0)
    model = transformers.LlamaForCausalLM(transformers.LlamaConfig(**config))
    return model.to(torch.float32)


def report(model, seconds, tokens, **more):
    """Prints the median: `seconds` of each step after warm-up, `tokens` in a step."""
    median = statistics.median(seconds)
    line = {
        "tokensPerSecond": tokens / median,
        "secondsPerStep": median,
        "steps": [round(second, 4) for second in seconds],
        "peakGb": peak_bytes() / 1e9,
        "parameters": sum(weight.numel() for weight in model.parameters()),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        **more,
    }
    print(json.dumps(line), flush=True)


def peak_bytes():
    """The most memory the process has held; the system counts it in kilobytes, save on macOS."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
