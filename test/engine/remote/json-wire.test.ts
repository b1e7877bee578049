/** The JSON of hatchery-core 0.3.0, as it was recorded: our requests are those, and its answers are read. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Reply } from "../../../src/engine/remote/connection.ts";
import { jsonWire } from "../../../src/engine/remote/json-wire.ts";
import { EngineError } from "../../../src/errors.ts";
import { describeShared, golden } from "../../shared.ts";

/** Whatever JSON holds. */
type Json = ReturnType<typeof JSON.parse>;

const reply = (answer: Json): Reply => {
  const text = typeof answer === "string" ? answer : JSON.stringify(answer);
  const body = Buffer.from(text);
  return { status: 200, isProtobuf: false, body, text, retryAfter: undefined, timedOut: false };
};

test("results are read, a number that is none as NaN", () => {
  const logps = [[-0.5, null], [-0.25]].map((data) => ({ logprobs: { data, dtype: "float32" } }));
  expect(jsonWire.logps(reply({ loss_fn_outputs: logps }), [2, 1])).toEqual([
    Float32Array.of(-0.5, Number.NaN),
    Float32Array.of(-0.25),
  ]);
  const sequences = [{ tokens: [7, 8], logprobs: null, stop_reason: "stop" }];
  expect(jsonWire.samples(reply({ sequences }))).toEqual([
    { tokens: Int32Array.of(7, 8), logps: undefined, stop: "stop" },
  ]);
});

test.each<[Json]>([
  ["<html>"],
  [{}],
  [{ loss_fn_outputs: [1] }],
  [{ loss_fn_outputs: [{ logprobs: { data: ["-1"] } }] }],
  [{ loss_fn_outputs: [{ logprobs: { data: [-1, -1] } }] }],
  [{ sequences: [{ tokens: [1, 2], logprobs: [-1] }] }],
])("what is damaged is not believed: %j", (answer) => {
  expect(() => jsonWire.logps(reply(answer), [1])).toThrow(EngineError);
  expect(() => jsonWire.samples(reply(answer))).toThrow(EngineError);
});

describeShared("tinker", "a recorded server", (folder) => {
  const exchanges: { request: Json; response: Json }[] = readFileSync(`${folder}/hatchery-json.jsonl`, "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => JSON.parse(line));
  /** The exchange of a path, and the result that its future had. */
  const of = (path: string) =>
    exchanges.flatMap(({ request, response }, i) =>
      request.path.endsWith(`/${path}`)
        ? [{ request, response, result: exchanges[i + 1]!.response.json }]
        : [],
    );
  const datumsOf = ({ data }: Json) =>
    data.map(({ model_input, loss_fn_inputs: { target_tokens, ...inputs } }: Json) => ({
      tokens: Int32Array.from(model_input.chunks[0].tokens),
      targets: Int32Array.from(target_tokens.data),
      inputs: Object.fromEntries(
        Object.entries<Json>(inputs).map(([name, { data }]) => [name, Float32Array.from(data)]),
      ),
    }));

  test("was asked for passes as we ask", () => {
    const passes = [...of("forward"), ...of("forward_backward")];
    expect(passes).toHaveLength(4);
    for (const { request } of passes) {
      const { model_id: modelId, seq_id: seqId, forward_input, forward_backward_input } = request.json;
      const forwardOnly = forward_input !== undefined;
      const data = datumsOf(forward_input ?? forward_backward_input);
      const ours = jsonWire.request({ modelId, seqId, loss: "cross_entropy", forwardOnly, data });
      expect(JSON.parse(ours.body as string)).toEqual(request.json);
      expect(request.path).toBe(`/api/v1/${ours.path}`);
    }
  });

  test("told log-probs that are PyTorch's to 1e-5, and samples that we read", () => {
    const { sequences } = JSON.parse(readFileSync(golden("models/qwen3-tiny/expected.json"), "utf8"));
    const [{ result }] = of("forward");
    const lengths = sequences.map(({ tokens }: Json) => tokens.length - 1);
    const logps = jsonWire.logps(reply(result), lengths);
    for (const [i, each] of logps.entries())
      for (const [t, logp] of each.entries())
        expect(Math.abs(logp - sequences[i].logprobs[t])).toBeLessThan(1e-5);
    const [sampled] = of("asample");
    expect(jsonWire.samples(reply(sampled!.result)).map(({ tokens, stop }) => [tokens.join(), stop])).toEqual(
      [
        ["132,248,161,173", "length"],
        ["132,57,199,161", "length"],
      ],
    );
  });
});
