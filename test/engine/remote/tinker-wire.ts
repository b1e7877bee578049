/** The server's side of both wires: passes read, their results and samples written, as protobuf or JSON. */
import {
  dtypes,
  ForwardBackwardOutput,
  ForwardBackwardRequest,
  SampleResponse,
} from "../../../src/engine/remote/messages.ts";
import type { Datum, Pass } from "../../../src/engine/remote/pass.ts";

/** Whatever JSON holds. */
type Json = ReturnType<typeof JSON.parse>;

/** A pass, of whichever loss. */
export type PassRequest = Omit<Pass, "loss"> & { readonly loss: string };

interface TensorMessage {
  readonly dense: Uint8Array;
}

export function readPass(body: Uint8Array): PassRequest {
  const message = ForwardBackwardRequest.toObject(ForwardBackwardRequest.decode(body), { defaults: true });
  const { model_id: modelId, seq_id: seqId, loss_fn: loss, forward_only: forwardOnly } = message;
  return { modelId, seqId, loss, forwardOnly, data: message.data.map(datumOf) };
}

function datumOf(message: {
  readonly model_input: readonly { readonly encoded_text: { readonly tokens: Uint8Array } }[];
  readonly loss_fn_inputs: Readonly<Record<string, TensorMessage>>;
}): Datum {
  const { target_tokens: targets, ...inputs } = message.loss_fn_inputs;
  return {
    tokens: new Int32Array(copy(message.model_input[0]!.encoded_text.tokens)),
    targets: Int32Array.from(new BigInt64Array(copy(targets!.dense)), Number),
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, { dense }]) => [name, new Float32Array(copy(dense))]),
    ),
  };
}

export function writePass(logps: readonly Float32Array[]): Uint8Array {
  const offsets = [0];
  for (const { byteLength } of logps) offsets.push(offsets.at(-1)! + byteLength);
  const logprobs = {
    data: Buffer.concat(logps.map(bytesOf)),
    offsets: bytesOf(BigInt64Array.from(offsets, BigInt)),
    dtype: dtypes.float32,
  };
  const record = { type_tag: "scalar", fields: { logprobs }, num_datums: logps.length };
  return ForwardBackwardOutput.encode({ loss_fn_outputs: [record] }).finish();
}

export interface SampledAnswer {
  readonly tokens: Int32Array;
  readonly logps: Float32Array;
  readonly stop: "eos" | "length";
}

/** @param body  of `forward` or `forward_backward` in JSON */
export function readJsonPass({ model_id, seq_id, forward_input, forward_backward_input }: Json): PassRequest {
  const { data, loss_fn } = forward_input ?? forward_backward_input;
  return {
    ...{ modelId: model_id, seqId: seq_id, loss: loss_fn, forwardOnly: forward_input !== undefined },
    data: data.map(({ model_input, loss_fn_inputs: { target_tokens, ...inputs } }: Json) => ({
      tokens: Int32Array.from(model_input.chunks[0].tokens),
      targets: Int32Array.from(target_tokens.data),
      inputs: Object.fromEntries(
        Object.entries<Json>(inputs).map(([name, { data }]) => [name, Float32Array.from(data)]),
      ),
    })),
  };
}

export const writeJsonPass = (logps: readonly Float32Array[]): Json => ({
  loss_fn_outputs: logps.map((each) => ({ logprobs: { data: [...each], dtype: "float32" } })),
});

export const writeJsonSamples = (answers: readonly SampledAnswer[]): Json => ({
  sequences: answers.map(({ tokens, logps, stop }) => ({
    ...{ tokens: [...tokens], logprobs: [...logps], stop_reason: stop === "eos" ? "stop" : "length" },
  })),
});

export function writeSamples(answers: readonly SampledAnswer[]): Uint8Array {
  const sequences = answers.map(({ tokens, logps, stop }) => ({
    stop_reason: stop === "eos" ? 0 : 1,
    tokens: bytesOf(tokens),
    logprobs: bytesOf(logps),
  }));
  return SampleResponse.encode({ sequences }).finish();
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Int32Array | Float32Array | BigInt64Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Where numbers of any size may begin. */
const copy = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;
