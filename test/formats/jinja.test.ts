import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { chatTemplate } from "../../src/formats/tokenizer/chat-template.ts";
import { openTokenizer } from "../../src/formats/tokenizer/tokenizer.ts";
import { temporaryFolder } from "../models/files.ts";

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../fixtures/templates/${name}.json`, import.meta.url), "utf8"));
const expressions: {
  template: string;
  messages: { role: string; content: string }[];
  add_generation_prompt: boolean;
  eos_token: string;
  expected: string;
}[] = read("expressions");
const rendered = (template: string, variables = {}) =>
  chatTemplate(template, {}, "t")([{ role: "user", content: "hi" }], { variables });

describe("a chat template renders as Jinja2 does for transformers", () => {
  test.each(expressions)("$template", (given) => {
    const { template, messages, add_generation_prompt: addGenerationPrompt, eos_token } = given;
    const isDated = template.includes("strftime_now");
    const options = { addGenerationPrompt, now: new Date(isDated ? 2026 : 2000, 5, 1) };
    expect(chatTemplate(template, { eos_token }, "t")(messages, options)).toBe(given.expected);
  });

  test("in the manner of Qwen3, indentation kept", () => {
    const { template, chats, expected } = read("qwen3-style");
    const render = chatTemplate(template, {}, "t");
    expect(chats.map((messages: { role: string; content: string }[]) => render(messages))).toEqual(expected);
  });

  test("with line ends of any kind", async () => {
    const { files, messages, expected } = read("files").find((one: { case: string }) => one.case === "crlf");
    const folder = temporaryFolder();
    const model = { type: "BPE", vocab: { a: 0 }, merges: [] };
    writeFileSync(join(folder, "tokenizer.json"), JSON.stringify({ added_tokens: [], model }));
    writeFileSync(join(folder, "chat_template.jinja"), files["chat_template.jinja"]);
    expect((await openTokenizer(folder))?.renderChat(messages)).toBe(expected);
  });

  // the right values are Jinja2 3.1.6's
  test.each([
    ["{{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** 3 }} {{ 2 ** -1 }}", "3 -4 2 3.5 8 0.5"],
    ["{{ 1e16 }} {{ 0.00001 }} {{ 3.0 }} {{ 1.5e-7 }} {{ 2.5|round }}", "1e+16 1e-05 3.0 1.5e-07 2.0"],
    [`{{ ["a'b", 'c', none, true, 1.0, (1,)] }}`, `["a'b", 'c', None, True, 1.0, (1,)]`],
    ["{{ {'a': {'b': [1, none]}} }}", "{'a': {'b': [1, None]}}"],
    ["{{ '😀x'|length }}{{ '😀x'[0] }}{{ 'a😀b'[::-1] }}{{ 'a😀b'.find('b') }}", "2😀b😀a2"],
    ["{{ {'items': 1}['items'] }}{{ {'a': 1}.items()|list }}{{ {'a': none}.a }}", "1[('a', 1)]None"],
    ["{% set ns = namespace(n=none) %}{{ ns.n }}{{ ns['n'] }}", "NoneNone"],
    [
      "{% macro m(a, b=2) %}{{ a }}{{ b }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 3, 4, c=5) }}",
      "13(4,){'c': 5}",
    ],
    ["{% macro m() %}[{{ caller(1) }}]{% endmacro %}{% call(x) m() %}{{ x }}{% endcall %}", "[1]"],
    ["{% set x %}a{% endset %}{{ x }}{% set y | upper %}b{% endset %}{{ y }}", "aB"],
    ["{% filter upper | replace('A', 'c') %}ab{% endfilter %}", "cB"],
    ["{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}{{ a }}", "3"],
    ["{% generation %}{% set a = 1 %}x{% endgeneration %}{{ a }}", "x"],
    ["{% for a in [1,2,3,4] if a is even %}{{ a }}{{ loop.last }}{% else %}none{% endfor %}", "2False4True"],
    [
      "{% for a in range(5) %}{% if a == 1 %}{% continue %}{% elif a == 3 %}{% break %}{% endif %}{{ a }}{% endfor %}",
      "02",
    ],
    ["{% for n in [[1, [2, []]]] recursive %}{{ n[0] }}{{ loop(n[1:]) if n[1:] }}{% endfor %}", "12"],
    [
      "{{ {'b': 1, 'a': 'é<'}|tojson }}{{ [1, {'a': []}]|tojson(indent=2) }}",
      '{"b": 1, "a": "é<"}[\n  1,\n  {\n    "a": []\n  }\n]',
    ],
    ["{{ 'a,b'|e }}{{ ('<'|e) + '>' }}{{ '<'|safe ~ '>' }}", "a,b&lt;&gt;<>"],
    ["{{ '{:>5}|{:.2f}|{a[0]}'.format('x', 2.345, a=[1]) }}", "    x|2.35|1"],
    ["{{ '%05.1f|%-4s|%x' % (3.14159, 'a', 255) }}", "003.1|a   |ff"],
    ["{{ [{'a': 2}, {'a': 1}]|sort(attribute='a')|map(attribute='a')|list }}", "[1, 2]"],
    [
      "{{ ['b', 'A', 'c']|sort }}{{ [1, 2, 3]|batch(2)|list }}{{ 'a b'|title }}",
      "['A', 'b', 'c'][[1, 2], [3]]A B",
    ],
    ["{{ ' 12 '|int + 1 }}{{ '4.9'|int }}{{ 'x'|int(7) }}{{ '1e3'|float }}", "13471000.0"],
    ["{{ missing }}{{ missing|default('d') }}{{ missing is defined }}{{ missing|length }}", "dFalse0"],
    ["{{ '  a b c '.split(None, 1) }}{{ 'a,b,c'.rsplit(',', 1) }}", "['a', 'b c ']['a,b', 'c']"],
    ["  {% if true %}\nx\n  {%- endif %}\n  y {#- c -#}  z", "x  yz"],
  ])("%s", (template, expected) => {
    expect(rendered(template)).toBe(expected);
  });
});

describe("what a template cannot do is refused, with what it is and its line", () => {
  test.each([
    ["\n{% include 'x' %}", "line 2: {% include %} is not supported"],
    ["a\n\n{{ 'x' | urlize }}", "line 3: the filter urlize is not supported"],
    ["{{ 'x' | nothing }}", "line 1: no filter nothing"],
    ["{{ 1 is nothing }}", "line 1: no test nothing"],
    ["{{ a.b.c }}", "line 1: a is undefined"],
    ["{{ 'x'.translate(1) }}", "line 1: str.translate() is not supported"],
    ["{{ 'x'.strip('x', 'y') }}", "line 1: strip takes at most 1 arguments, got 2"],
    ["{{ messages.append(1) }}", "which would change a value"],
    ["{% if %}", "line 1: expected an expression, got %}"],
    ["{% for a in b %}", "line 1: expected {% endfor %} or {% else %}"],
    ["{{ 'a' + 1 }}", "line 1: str + int is not possible"],
    ["{% unknown %}", "line 1: no tag {% unknown %}"],
    ["{{ [1]|map('upper') }}", "cannot be printed"],
  ])("%s", (template, expected) => {
    expect(() => rendered(template)).toThrow(expected);
  });
});
