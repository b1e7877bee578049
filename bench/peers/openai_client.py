"""PyPI's official client against a server: see bench/openai-clients.ts.

python openai_client.py, with openai, pydantic and jsonschema installed.
"""

import json
from typing import Literal, Optional

import openai
from jsonschema import Draft202012Validator
from openai import OpenAI
from pydantic import BaseModel, Field

client = OpenAI(max_retries=0)
found = {"client": openai.__version__}
model = client.models.list().data[0].id

# Ten turns, each answer sent back as it was received.
messages: list = [{"role": "system", "content": "Answer."}]
for turn in range(10):
    messages.append({"role": "user", "content": f"turn {turn}"})
    answer = client.chat.completions.create(model=model, messages=messages, max_tokens=20, seed=turn)
    # the object itself, and what it is as plain data, nulls and all
    messages.append(answer.choices[0].message if turn % 2 else answer.choices[0].message.model_dump())
found["turns"] = 10

# A stream.
text = ""
usage = None
for chunk in client.chat.completions.create(
    model=model, messages=messages, max_tokens=50, seed=3, stream=True, stream_options={"include_usage": True}
):
    text += (chunk.choices[0].delta.content or "") if chunk.choices else ""
    usage = chunk.usage or usage
whole = client.chat.completions.create(model=model, messages=messages, max_tokens=50, seed=3)
assert text == whole.choices[0].message.content
assert usage == whole.usage, (usage, whole.usage)
messages.append(whole.choices[0].message)
found["streamed"] = len(text)

# Tools, a call of one, and its result.
tools = [{"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {}}}}]
call = {"id": "call_1", "type": "function", "function": {"name": "add", "arguments": '{"a":1,"b":2}'}}
called = [
    *messages,
    {"role": "user", "content": "1+2=?"},
    {"role": "assistant", "content": None, "tool_calls": [call]},
    {"role": "tool", "tool_call_id": "call_1", "content": "3"},
]
after = client.chat.completions.create(model=model, messages=called, tools=tools, tool_choice="auto", max_tokens=9)
called += [after.choices[0].message, {"role": "user", "content": "and?"}]
client.chat.completions.create(model=model, messages=called, tools=tools, max_tokens=9)
found["tools"] = "taken, a call and its result sent back"

# Log-probs, whose tokens join to the text.
told = client.chat.completions.create(model=model, messages=messages, logprobs=True, max_tokens=40).choices[0]
tokens = told.logprobs.content
assert "".join(token.token for token in tokens) == told.message.content
assert all(token.logprob <= 0 and bytes(token.bytes).decode() == token.token for token in tokens)
found["logprobs"] = len(tokens)


# A schema, made of a class and parsed into it, and judged by jsonschema.
class Animal(BaseModel):
    name: str = Field(max_length=12)
    age: int = Field(ge=0, le=120)
    kind: Literal["cat", "dog", "名"]
    weight: float = Field(gt=0, lt=100)
    tags: list[bool] = Field(max_length=3)
    parent: Optional["Animal"]


validator = Draft202012Validator(Animal.model_json_schema())
valid = 0
for seed in range(10):
    parsed = client.chat.completions.parse(model=model, messages=messages, n=10, seed=seed, response_format=Animal)
    for choice in parsed.choices:
        fits = validator.is_valid(json.loads(choice.message.content))
        valid += choice.finish_reason == "stop" and isinstance(choice.message.parsed, Animal) and fits
    messages = [messages[0], parsed.choices[0].message, {"role": "user", "content": "another"}]
assert valid == 100, valid
found["schema"] = f"{valid} of 100"

# JSON mode, streamed.
said = ""
for chunk in client.chat.completions.create(
    model=model, messages=messages, seed=6, stream=True, max_tokens=4000, response_format={"type": "json_object"}
):
    said += (chunk.choices[0].delta.content or "") if chunk.choices else ""
assert isinstance(json.loads(said), dict)
found["json"] = len(said)
print(json.dumps(found))
