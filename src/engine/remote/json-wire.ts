/**
 * Passes and their results as JSON: what hatchery speaks.
 *
 * Float32 numbers are written with all their digits, so that the server reads the same ones.
 */
import { type Datum, damagedAnswer, type Pass, type Sampled } from "./pass.ts";
import { jsonOf } from "./server-errors.ts";
import { checkLengths, checkSample, type Wire } from "./wire.ts";

export const jsonWire: Wire = {
  request: ({ modelId, seqId, loss, forwardOnly, data }: Pass) => {
    const input = { data: data.map(datumFields), loss_fn: loss };
    return {
      path: forwardOnly ? "forward" : "forward_backward",
      body: JSON.stringify({
        ...{ model_id: modelId, seq_id: seqId },
        [forwardOnly ? "forward_input" : "forward_backward_input"]: input,
      }),
    };
  },

  logps: (reply, lengths) => {
    const found = listIn(jsonOf(reply), "loss_fn_outputs").map((output) =>
      Float32Array.from(numbersIn(fieldsIn(fieldsIn(output).logprobs), "data")),
    );
    checkLengths(found, lengths);
    return found;
  },

  samples: (reply) =>
    listIn(jsonOf(reply), "sequences").map((each) => {
      const sequence = fieldsIn(each);
      const sampled: Sampled = {
        tokens: Int32Array.from(numbersIn(sequence, "tokens")),
        logps: sequence.logprobs == null ? undefined : Float32Array.from(numbersIn(sequence, "logprobs")),
        stop: sequence.stop_reason === "length" ? "length" : "stop",
      };
      checkSample(sampled);
      return sampled;
    }),
};

const datumFields = ({ tokens, targets, inputs }: Datum) => ({
  model_input: { chunks: [{ type: "encoded_text", tokens: [...tokens] }] },
  loss_fn_inputs: {
    target_tokens: tensor(targets, "int64"),
    ...Object.fromEntries(Object.entries(inputs).map(([name, values]) => [name, tensor(values, "float32")])),
  },
});

const tensor = (data: Int32Array | Float32Array, dtype: "int64" | "float32") => ({
  ...{ data: [...data], dtype, shape: [data.length] },
});

type Fields = Readonly<Record<string, unknown>>;

function fieldsIn(value: unknown): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw damagedAnswer("a JSON object", JSON.stringify(value)?.slice(0, 200) ?? "nothing");
}

function listIn(fields: Fields, key: string): readonly unknown[] {
  const list = fields[key];
  if (Array.isArray(list)) return list;
  throw damagedAnswer(`${key}: a list`, JSON.stringify(fields).slice(0, 200));
}

/** A number that is none comes as null. */
function numbersIn(fields: Fields, key: string): number[] {
  return listIn(fields, key).map((each) => {
    if (each !== null && typeof each !== "number")
      throw damagedAnswer(`${key}: numbers`, JSON.stringify(each).slice(0, 200));
    return each ?? Number.NaN;
  });
}
