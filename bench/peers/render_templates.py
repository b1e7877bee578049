"""Renders the chat templates that TRL ships, some conversations each, as transformers does; prints JSON for bench/templates.ts."""

import json
from pathlib import Path

import transformers.utils.chat_template_utils as chat
import trl

CALL = {"type": "function", "id": "call12345", "function": {"name": "add", "arguments": {"a": 1, "b": 2.5, "on": True, "of": None}}}
TOOL = {
    "type": "function",
    "function": {
        "name": "add",
        "description": "Adds <two> numbers, \"both\" & é.",
        "parameters": {
            "type": "object",
            "properties": {"a": {"type": "integer", "description": "first"}, "b": {"type": "number", "enum": [1, 2.5]}},
            "required": ["a"],
        },
    },
}
USER = {"role": "user", "content": " What is 2+2? \ufeff😀\n"}
SYSTEM = {"role": "system", "content": "Be brief.\n"}
ANSWER = {"role": "assistant", "content": "<think>\nplan\n</think>\n\n    return x + 1\n"}
TURNS = [
    ([USER], {}),
    ([SYSTEM, USER], {}),
    ([SYSTEM, USER, ANSWER, USER], {}),
    ([USER, ANSWER], {"add_generation_prompt": False}),
    ([USER, {"role": "assistant", "content": "4", "reasoning_content": "two\ntwo", "thinking": "two\ntwo"}, USER], {"enable_thinking": False}),
    ([SYSTEM, USER], {"tools": [TOOL], "enable_thinking": True}),
    ([USER, {"role": "assistant", "content": "", "tool_calls": [CALL]}, {"role": "tool", "name": "add", "tool_call_id": "call12345", "content": "3.5"}], {"tools": [TOOL]}),
    ([{"role": "user", "content": [{"type": "text", "text": "Look: "}, {"type": "image"}]}], {}),
    ([SYSTEM, USER, ANSWER, {"role": "user", "content": ""}], {"documents": [{"title": "T", "text": "D"}], "reasoning_effort": "high", "date_string": "01 Jan 2026"}),
]
TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}

cases = []
for path in sorted((Path(trl.__file__).parent / "chat_templates").glob("*.jinja")):
    source = path.read_text()
    for number, (messages, given) in enumerate(TURNS):
        options = {"add_generation_prompt": True, "tools": None, "documents": None, **given}
        case = {"file": path.name, "turns": number, "source": source, "messages": messages, "options": given}
        try:
            case["rendered"] = chat._compile_jinja_template(source).render(messages=messages, **options, **TOKENS)
        except Exception as error:
            case["error"] = f"{type(error).__name__}: {error}"
        cases.append(case)
print(json.dumps({"tokens": TOKENS, "cases": cases}))
