"""TRL's GRPOTrainer: one whole step (sampling, old log-probs, loss, AdamW); completion tokens/s of the median step."""

import contextlib
import sys
import tempfile
import time

import tokenizers
import transformers
import trl
from datasets import Dataset
from shape import arguments, llama, report

chosen = arguments(__doc__, prompts=4, answers=8, prompt_tokens=32, new_tokens=64, micro_batch=0)
model = llama(chosen)
batch = chosen.prompts * chosen.answers
micro_batch = chosen.micro_batch or min(batch, 32)
total = chosen.warmup + chosen.steps


def tokenizer():
    """One word for each id, so that a prompt has exactly the tokens asked for."""
    words = {f"t{index}": index for index in range(model.config.vocab_size)}
    plain = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="t0"))
    plain.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=plain, unk_token="t0", pad_token="t0", bos_token="t1", eos_token="t2", padding_side="left"
    )


def prompt(place):
    first = 3 + place * 7
    return " ".join(f"t{(first + index) % (model.config.vocab_size - 3) + 3}" for index in range(chosen.prompt_tokens))


def every_second(completions, **_):
    """A verifier that calls every second answer right, so that each group has something to learn from."""
    return [float(place % 2) for place in range(len(completions))]


class Clock(transformers.TrainerCallback):
    def __init__(self):
        self.seconds = []

    def on_step_begin(self, *_, **__):
        self.begin = time.perf_counter()

    def on_step_end(self, *_, **__):
        self.seconds.append(time.perf_counter() - self.begin)


clock = Clock()
with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
    trainer = trl.GRPOTrainer(
        model=model,
        reward_funcs=every_second,
        processing_class=tokenizer(),
        train_dataset=Dataset.from_list([{"prompt": prompt(place)} for place in range(chosen.prompts * total)]),
        callbacks=[clock],
        args=trl.GRPOConfig(
            output_dir=folder,
            use_cpu=True,
            bf16=False,
            per_device_train_batch_size=micro_batch,
            gradient_accumulation_steps=batch // micro_batch,
            num_generations=chosen.answers,
            max_completion_length=chosen.new_tokens,
            temperature=1.0,
            generation_kwargs={"min_new_tokens": chosen.new_tokens},
            learning_rate=1e-6,
            weight_decay=0.1,
            beta=0.0,
            gradient_checkpointing=False,
            max_steps=total,
            logging_strategy="no",
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
        ),
    )
    trainer.train()

seconds = clock.seconds[chosen.warmup :]
report(model, seconds, batch * chosen.new_tokens, trl=trl.__version__, microBatch=micro_batch)
