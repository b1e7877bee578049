"""Opens what `errata export` wrote in transformers, PEFT or llama.cpp, and holds it to errata's numbers.

    python bench/peers/open_exports.py exports/pocket exports/pocket-gguf ...

Each folder has a proof.json: token ids of a few texts, log-probs of those tokens and greedy continuations, as errata
computes them in float32 from the exported weights. One JSON line is printed for each folder: the largest and the mean
distance between log-probs (nats), texts that are tokenized alike, continuations that are the same. The exit code is 1
where a log-prob is further off than --tolerance, a text has other tokens or a continuation differs.
"""

import argparse
import json
import math
import sys
from pathlib import Path


class Transformers:
    """A Hugging Face folder, in float32; adapters are opened with PEFT, beside their base model."""

    def __init__(self, folder):
        import torch
        import transformers

        self.torch = torch
        torch.set_num_threads(2)
        if (folder / "adapter_config.json").exists():
            import peft

            self.program = f"peft {peft.__version__}"
            self.model = peft.AutoPeftModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        else:
            self.program = f"transformers {transformers.__version__}"
            self.model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        self.model.eval()
        has_tokenizer = (folder / "tokenizer.json").exists()
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder) if has_tokenizer else None

    def tokenize(self, text):
        return self.tokenizer(text, add_special_tokens=False)["input_ids"]

    def logps(self, tokens):
        with self.torch.no_grad():
            logits = self.model(self.torch.tensor([tokens])).logits[0, :-1]
        every = logits.double().log_softmax(-1)
        return [every[i, token].item() for i, token in enumerate(tokens[1:])]

    def greedy(self, prompt, length):
        ids = self.torch.tensor([prompt])
        with self.torch.no_grad():
            out = self.model.generate(
                ids, attention_mask=self.torch.ones_like(ids), do_sample=False, max_new_tokens=length
            )
        return out[0, len(prompt) :].tolist()

    def text(self, tokens):
        return self.tokenizer.decode(tokens, skip_special_tokens=True)


class LlamaCpp:
    """A GGUF file. Keys and values are cached in float32, as halves would be a rounding of its own."""

    FLOAT32 = 0

    def __init__(self, path):
        import llama_cpp
        import numpy

        self.numpy = numpy
        self.program = f"llama-cpp-python {llama_cpp.__version__}"
        self.model = llama_cpp.Llama(
            str(path),
            n_ctx=256,
            n_threads=2,
            logits_all=True,
            type_k=self.FLOAT32,
            type_v=self.FLOAT32,
            flash_attn=False,
            verbose=False,
        )
        self.tokenizer = self.model

    def tokenize(self, text):
        return self.model.tokenize(text.encode(), add_bos=False, special=True)

    def logps(self, tokens):
        self.model.reset()
        self.model.eval(tokens)
        rows = self.numpy.array(self.model.scores[: len(tokens) - 1], dtype=self.numpy.float64)
        rows -= rows.max(-1, keepdims=True)
        rows -= self.numpy.log(self.numpy.exp(rows).sum(-1, keepdims=True))
        return [float(rows[i, token]) for i, token in enumerate(tokens[1:])]

    def greedy(self, prompt, length):
        self.model.reset()
        tokens = list(prompt)
        self.model.eval(tokens)
        while len(tokens) < len(prompt) + length:
            tokens.append(int(self.numpy.argmax(self.model.scores[len(tokens) - 1])))
            self.model.eval(tokens[-1:])
        return tokens[len(prompt) :]

    def text(self, tokens):
        return self.model.detokenize(tokens).decode(errors="replace")


def compare(folder):
    proof = json.loads((folder / "proof.json").read_text())
    files = sorted(folder.glob("*.gguf"))
    model = LlamaCpp(files[0]) if files else Transformers(folder)
    distances, other = [], []
    for sequence in proof["sequences"]:
        if sequence["text"] is not None and model.tokenize(sequence["text"]) != sequence["tokens"]:
            other.append(sequence["text"])
        for ours, theirs in zip(sequence["logps"], model.logps(sequence["tokens"]), strict=True):
            distances.append(abs(ours - theirs))
    same = 0
    for wanted in proof["greedy"]:
        tokens = model.greedy(wanted["prompt"], len(wanted["tokens"]))
        text_too = proof["sequences"][0]["text"] is None or model.text(tokens) == wanted["text"]
        same += tokens == wanted["tokens"] and text_too
    return {
        "export": folder.name,
        "program": model.program,
        "dtype": proof["dtype"],
        "logps": len(distances),
        "max": max(distances),
        "mean": math.fsum(distances) / len(distances),
        "tokenizedOtherwise": other,
        "sameGreedy": f"{same} of {len(proof['greedy'])}",
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--tolerance", type=float, default=1e-4, help="nats")
    options = parser.parse_args()
    good = True
    for folder in options.folders:
        found = compare(folder)
        same, of = found["sameGreedy"].split(" of ")
        good &= found["max"] <= options.tolerance and not found["tokenizedOtherwise"] and same == of
        print(json.dumps(found), flush=True)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
