/**
 * Passes and their results as protobuf: what SkyRL and the hosted service speak.
 *
 * The entries of a map are written in the order of their names, so that one pass has one encoding: a retry is known
 * by its bytes.
 */
import { bytesOf } from "../../files/bytes-of.ts";
import type { Reply } from "./connection.ts";
import { dtypes, ForwardBackwardOutput, ForwardBackwardRequest, SampleResponse } from "./messages.ts";
import { type Datum, damagedAnswer, type Pass, type Sampled } from "./pass.ts";
import { checkLengths, checkSample, shown, type Wire } from "./wire.ts";

export const protobufWire: Wire = {
  request: (pass) => ({ path: "forward_backward", body: encodePass(pass) }),
  accept: "protobuf",
  logps: (reply, lengths) => decodePass(bytesIn(reply, "the result of a pass"), lengths),
  samples: (reply) => decodeSamples(bytesIn(reply, "sampled sequences")),
};

function bytesIn({ isProtobuf, body, text }: Reply, what: string): Uint8Array {
  if (!isProtobuf) throw damagedAnswer(`${what} in protobuf`, text.slice(0, 200));
  return body;
}

export function encodePass({ modelId, seqId, loss, forwardOnly, data }: Pass): Uint8Array {
  const request = {
    ...{ model_id: modelId, seq_id: seqId, data: data.map(datumMessage), loss_fn: loss },
    ...(forwardOnly && { forward_only: true }),
  };
  return ForwardBackwardRequest.encode(request).finish();
}

function datumMessage({ tokens, targets, inputs }: Datum) {
  const tensors = {
    ...Object.fromEntries(Object.entries(inputs).map(([name, values]) => [name, floats(values)])),
    target_tokens: {
      dense: bytesOf(int64s(targets)),
      dtype: dtypes.int64,
      shape: [targets.length],
    },
  };
  return {
    model_input: [{ encoded_text: { tokens: bytesOf(tokens) } }],
    loss_fn_inputs: Object.fromEntries(Object.entries(tensors).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

const floats = (values: Float32Array) => ({
  dense: bytesOf(values),
  dtype: dtypes.float32,
  shape: [values.length],
});

/** As pairs of words, the low one first: a BigInt for each takes twelve times as long. */
function int64s(values: Int32Array): Int32Array {
  const words = new Int32Array(2 * values.length);
  for (let i = 0; i < values.length; i++) {
    words[2 * i] = values[i]!;
    words[2 * i + 1] = values[i]! >> 31;
  }
  return words;
}

/**
 * The log-probs of each datum's targets.
 *
 * @param lengths  targets of each datum that was sent
 * @throws EngineError where the answer is cut, or holds other than one log-prob for each target
 */
export function decodePass(answer: Uint8Array, lengths: readonly number[]): Float32Array[] {
  const { loss_fn_outputs = [] } = decoded<PassResult>(ForwardBackwardOutput, answer, "the result of a pass");
  const found = loss_fn_outputs.flatMap(({ fields }) => {
    const field = fields?.logprobs;
    return field === undefined ? [] : datumsOf(field);
  });
  checkLengths(found, lengths);
  return found;
}

interface PassResult {
  readonly loss_fn_outputs?: readonly { readonly fields?: Readonly<Record<string, BatchedTensor>> }[];
}
interface BatchedTensor {
  readonly data?: Uint8Array;
  readonly offsets?: Uint8Array;
  readonly dtype?: number;
}

/** Numbers of many datums in one blob → those of each. */
function datumsOf({ data = new Uint8Array(), offsets = new Uint8Array(), dtype }: BatchedTensor) {
  const read = dtype === dtypes.float32 ? float32Of : dtype === dtypes.bfloat16 ? bfloat16Of : undefined;
  if (read === undefined) throw damagedAnswer("log-probs as float32 or bfloat16", `type ${dtype ?? 0}`);
  const ends = [...new BigInt64Array(aligned(offsets, 8))].map(Number);
  if (ends.some((end, i) => !(end >= (ends[i - 1] ?? 0) && end <= data.length)))
    throw damagedAnswer(`offsets that rise from 0 to at most ${data.length}`, shown(ends));
  return ends.slice(1).map((end, i) => read(data.subarray(ends[i], end)));
}

/** The sequences of an answer to a sampling request. @throws EngineError where it is cut, or its parts do not fit */
export function decodeSamples(answer: Uint8Array): Sampled[] {
  const { sequences = [] } = decoded<{ readonly sequences?: readonly SequenceMessage[] }>(
    ...([SampleResponse, answer, "sampled sequences"] as const),
  );
  return sequences.map(({ stop_reason = 0, tokens = new Uint8Array(), logprobs }) => {
    const ids = new Int32Array(aligned(tokens, 4));
    const logps = logprobs && float32Of(logprobs);
    const sampled: Sampled = { tokens: ids, logps, stop: stop_reason === 1 ? "length" : "stop" };
    checkSample(sampled);
    return sampled;
  });
}

interface SequenceMessage {
  readonly stop_reason?: number;
  readonly tokens?: Uint8Array;
  readonly logprobs?: Uint8Array;
}

/** Fields that were not sent are absent, not empty. */
function decoded<T>(type: typeof SampleResponse, answer: Uint8Array, what: string): T {
  try {
    return type.toObject(type.decode(answer)) as T;
  } catch (cause) {
    throw damagedAnswer(`${what} in protobuf`, `${answer.length} bytes that are none: ${cause}`, cause);
  }
}

const float32Of = (bytes: Uint8Array) => new Float32Array(aligned(bytes, 4));

/** The upper half of a float32 each. */
const bfloat16Of = (bytes: Uint8Array) =>
  new Float32Array(Uint32Array.from(new Uint16Array(aligned(bytes, 2)), (half) => half * 0x10000).buffer);

/** A copy that begins where numbers of `size` bytes may. */
function aligned(bytes: Uint8Array, size: number): ArrayBuffer {
  if (bytes.length % size !== 0)
    throw damagedAnswer(`numbers of ${size} bytes each`, `${bytes.length} bytes of them`);
  return Uint8Array.from(bytes).buffer;
}
