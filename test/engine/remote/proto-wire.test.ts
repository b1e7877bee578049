import { readFileSync } from "node:fs";
import protobuf from "protobufjs";
import { describe, expect, test } from "vitest";
import { ForwardBackwardRequest } from "../../../src/engine/remote/messages.ts";
import { datumOf, type Pass } from "../../../src/engine/remote/pass.ts";
import { decodePass, decodeSamples, encodePass } from "../../../src/engine/remote/proto-wire.ts";
import { EngineError } from "../../../src/errors.ts";
import { describeShared, golden } from "../../shared.ts";

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));

describe("the official encoder's own bytes", () => {
  test("of a forward pass are ours", () => {
    const data = [{ tokens: Int32Array.of(10, 20), targets: Int32Array.of(20, 30), inputs: {} }];
    const pass: Pass = { modelId: "m", seqId: 3, loss: "cross_entropy", forwardOnly: true, data };
    expect(Buffer.from(encodePass(pass)).toString("hex")).toBe(
      "0a016d10031a380a0c0a0a0a080a0000001400000012280a0d7461726765745f746f6b656e7312170a1014000000000000001e000000000000001802220102220d63726f73735f656e74726f70793001",
    );
  });

  test("of results are read", () => {
    const pass = bytes(
      "0a067363616c6172123a12360a086c6f6770726f6273122a0a0c000080bf000000c0000000bf1218000000000000000008000000000000000c00000000000000180118021a130a086c6f73733a73756d11000000000000f83f",
    );
    expect(decodePass(pass, [2, 1])).toEqual([Float32Array.of(-1, -2), Float32Array.of(-0.5)]);
    const sample = bytes("0a160801120807000000080000001a08000000bf000080be12080000c07f000080bf");
    expect(decodeSamples(sample)).toEqual([
      { tokens: Int32Array.of(7, 8), logps: Float32Array.of(-0.5, -0.25), stop: "length" },
    ]);
  });
});

test("a datum is the sequence shifted by one, its numbers at the completion's targets", () => {
  const sequence = { prompt: Int32Array.of(1, 2, 3), completion: Int32Array.of(4, 5) };
  expect(datumOf(sequence, { weights: Float32Array.of(0.5, -0.5) })).toEqual({
    tokens: Int32Array.of(1, 2, 3, 4),
    targets: Int32Array.of(2, 3, 4, 5),
    inputs: { weights: Float32Array.of(0, 0, 0.5, -0.5) },
  });
});

test("answers that are cut, or do not fit what was asked, are refused", () => {
  const whole = bytes(
    "123a12360a086c6f6770726f6273122a0a0c000080bf000000c0000000bf1218000000000000000008000000000000000c0000000000000018011802",
  );
  expect(decodePass(whole, [2, 1])).toHaveLength(2);
  expect(() => decodePass(whole, [2, 2])).toThrow(EngineError);
  expect(() => decodePass(whole, [])).toThrow(EngineError);
  for (let length = 1; length < whole.length; length++)
    expect(() => decodePass(whole.subarray(0, length), [2, 1]), `${length} bytes`).toThrow(EngineError);
  const beyond = Uint8Array.from(whole);
  beyond[beyond.indexOf(0x0c, 30)] = 0x7c;
  expect(() => decodePass(beyond, [2, 1])).toThrow(EngineError);
  expect(() => decodeSamples(bytes("0a0612030700000018"))).toThrow(EngineError);
});

interface Exchange {
  readonly request: { readonly path: string; readonly base64?: string; readonly json?: unknown };
  readonly response: { readonly headers: Record<string, string>; readonly base64?: string };
}

const recorded = (file: string): Exchange[] =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => JSON.parse(line));

const passesIn = (file: string) =>
  recorded(file).flatMap(({ request: { path, base64 } }) =>
    path.endsWith("/forward_backward") && base64 ? [Uint8Array.from(Buffer.from(base64, "base64"))] : [],
  );

/** The fields of a message as they stand: number, and bytes with the tag. */
function fieldsOf(message: Uint8Array): { number: number; whole: Uint8Array; body: Uint8Array }[] {
  const reader = protobuf.Reader.create(message);
  const fields = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const tag = reader.uint32();
    const from = reader.pos;
    reader.skipType(tag & 7);
    const body = (tag & 7) === 2 ? protobuf.Reader.create(message.subarray(from)).bytes() : message;
    fields.push({ number: tag >>> 3, whole: message.slice(start, reader.pos), body });
  }
  return fields;
}

/** A request with each datum's map entries in the order of their bytes: the official encoder keeps none. */
function sorted(request: Uint8Array): string {
  const parts = fieldsOf(request).map(({ number, whole, body }) => {
    if (number !== 3) return Buffer.from(whole).toString("hex");
    const own = fieldsOf(body).map((field) => Buffer.from(field.whole).toString("hex"));
    return own.sort().join(" ");
  });
  return parts.join("\n");
}

/** What a recorded request asks for, read by the generic decoder. */
function passOf(request: Uint8Array): Pass {
  const message = ForwardBackwardRequest.toObject(ForwardBackwardRequest.decode(request), {
    defaults: true,
  });
  const copy = (blob: Uint8Array) => Uint8Array.from(blob).buffer;
  return {
    ...{ modelId: message.model_id, seqId: message.seq_id, loss: message.loss_fn },
    forwardOnly: message.forward_only,
    data: message.data.map(
      (datum: {
        model_input: { encoded_text: { tokens: Uint8Array } }[];
        loss_fn_inputs: Record<string, { dense: Uint8Array }>;
      }) => {
        const { target_tokens, ...inputs } = datum.loss_fn_inputs;
        return {
          tokens: new Int32Array(copy(datum.model_input[0].encoded_text.tokens)),
          targets: Int32Array.from(new BigInt64Array(copy(target_tokens.dense)), Number),
          inputs: Object.fromEntries(
            Object.entries(inputs).map(([name, { dense }]) => [name, new Float32Array(copy(dense))]),
          ),
        };
      },
    ),
  };
}

describeShared("tinker", "recorded exchanges", (folder) => {
  test.each([
    ["skyrl-nft-llama.jsonl", 10],
    ["skyrl-nft-qwen3.jsonl", 10],
    ["sdk-0.38.0-against-skyrl.jsonl", 1],
    ["sdk-0.38.0-faults.jsonl", 1],
  ])("%s: each pass is encoded to the same bytes, up to the order of map entries", (file, least) => {
    const passes = passesIn(`${folder}/${file}`);
    expect(passes.length).toBeGreaterThanOrEqual(least);
    // of the official client's passes, those of a loss that we send
    const ours = passes.filter((pass) =>
      ["cross_entropy", "importance_sampling"].includes(passOf(pass).loss),
    );
    expect(ours.length).toBeGreaterThan(0);
    for (const pass of ours) expect(sorted(encodePass(passOf(pass)))).toBe(sorted(pass));
  });

  test("SkyRL's log-probs of the golden sequences, read from its answer, are PyTorch's to 1e-5", () => {
    for (const name of ["llama", "qwen3"]) {
      const exchanges = recorded(`${folder}/skyrl-start-and-golden-${name}.jsonl`);
      const at = exchanges.findIndex(({ request }) => request.path.endsWith("/forward_backward"));
      const asked = passOf(Uint8Array.from(Buffer.from(exchanges[at].request.base64!, "base64")));
      const answer = exchanges[at + 1].response.base64!;
      const lengths = asked.data.map(({ targets }) => targets.length);
      const logps = decodePass(Uint8Array.from(Buffer.from(answer, "base64")), lengths);
      const { sequences } = JSON.parse(readFileSync(golden(`models/${name}-tiny/expected.json`), "utf8"));
      logps.forEach((own, i) => {
        const expected: number[] = sequences[i].logprobs;
        own.forEach((logp, t) => expect(Math.abs(logp - expected[t])).toBeLessThan(1e-5));
      });
    }
  });
});
