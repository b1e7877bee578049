/**
 * How one layer's time and memory grow with batches, texts and answers, each row in a process of its own:
 *
 *   npx tsx bench/growth.ts [--shape 135M] [--quick]
 *
 * Training and scoring of 1 to 8 texts of 64 to 2,048 tokens, and a decoding step of 16 to 256 answers that hold so many.
 * Seconds are the processor's (user and system, one thread), the least of five, on random weights; memory is what the
 * process takes beside its weights and inputs. `--quick` leaves out all but the ends.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Caches } from "../src/engine/embedded/kv-cache.ts";
import { cut } from "../src/engine/embedded/micro-batch.ts";
import { Network } from "../src/engine/embedded/model-programs.ts";
import { Parameters } from "../src/engine/embedded/parameters.ts";
import { keepFor } from "../src/engine/embedded/programs.ts";
import { array, type Values } from "../src/engine/onnx/run.ts";
import type { ModelConfig } from "../src/models/config.ts";
import { parseConfig } from "../src/models/config-json.ts";
import { parameterShapes } from "../src/models/parameter-shapes.ts";
import { randomNumbers } from "./random.ts";
import shapes from "./shapes.json" with { type: "json" };

type Part = "forward" | "backward" | "step";
interface Row {
  readonly seconds: Partial<Record<Part, number>>;
  readonly megabytes: number;
}

/** Does a part of the work, and notes what it took. */
type Timed = <T>(part: Part, work: () => Promise<T>) => Promise<T>;

const VOCABULARY = 64;
const REPEATS = 6;
const PROMPTS = 8;
const PROMPT_TOKENS = 32;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { shape: { type: "string", default: "135M" }, quick: { type: "boolean", default: false } },
});
const shape = parseConfig(shapes[values.shape as keyof typeof shapes].config, "bench/shapes.json");
const config: ModelConfig = { ...shape, layers: 1, vocabSize: VOCABULARY };

const random = randomNumbers(12345);
const sizes = parameterShapes(config);
const numbers = (length: number) => Float32Array.from({ length }, random);
const layer = async () =>
  new Network(
    await Parameters.read(config, async (name) => {
      const size = sizes.get(name)!.reduce((a, b) => a * b, 1);
      return numbers(size).map((value) => (name.includes("norm") ? 1 : value * 0.07));
    }),
    1,
  );

const resident = () => process.memoryUsage().rss / 2 ** 20;

/** The least of each part's seconds after the first time, and the most memory. */
async function measured(run: (timed: Timed) => Promise<void>): Promise<Row> {
  const before = resident();
  let most = before;
  const seconds: Partial<Record<Part, number>> = {};
  for (let i = 0; i < REPEATS; i++)
    await run(async (part, work) => {
      const begin = process.cpuUsage();
      const result = await work();
      const { user, system } = process.cpuUsage(begin);
      most = Math.max(most, resident());
      if (i > 0) seconds[part] = Math.min(seconds[part] ?? Number.POSITIVE_INFINITY, (user + system) / 1e6);
      return result;
    });
  return { seconds, megabytes: most - before };
}

async function learnt(batch: number, length: number): Promise<Row> {
  const network = await layer();
  const token = () => Math.floor((random() + 0.5) * VOCABULARY);
  const texts = Array.from({ length: batch }, () => ({
    prompt: Int32Array.of(token()),
    completion: Int32Array.from({ length }, token),
  }));
  const [micro] = cut(texts, 2 * batch * length);
  const keep = keepFor(true, micro.blocked);
  const [forward, backward] = [await network.forward(keep, micro), await network.backward(keep, micro)];
  const x = array(network.embed(micro.tokens), micro.tokens.length, config.width);
  const dy = array(numbers(x.data.length), ...x.dims);
  const [told] = network.batchInputs(micro);
  const given = { x, ...told, ...network.parameters.layers[0] };
  return measured(async (timed) => {
    const { y: _, ...kept } = await timed("forward", () => forward.run(given));
    await timed("backward", () => backward.run({ ...given, dy, ...kept }));
  });
}

async function decoded(answers: number, places: number): Promise<Row> {
  const network = await layer();
  const { kvHeads, headDim, width } = config;
  const prompt = () => [numbers(PROMPTS * kvHeads * PROMPT_TOKENS * headDim)];
  const lengths = new Array<number>(PROMPTS).fill(PROMPT_TOKENS);
  const owners = Array.from({ length: answers }, (_, i) => i % PROMPTS);
  const caches = new Caches(
    config,
    { k: prompt(), v: prompt(), length: PROMPT_TOKENS, lengths },
    owners,
    places + REPEATS,
  );
  const [k, v] = [1, 2].map(() => numbers(answers * kvHeads * headDim));
  const step = () => {
    caches.advance();
    if (caches.full) caches.keep(owners.map((_, row) => row));
  };
  for (let place = 0; place < places; place++) {
    caches.write(0, k, v);
    step();
  }
  const program = await network.decode();
  const x = array(numbers(answers * width), answers, width);
  const position = array(new BigInt64Array(answers).fill(BigInt(PROMPT_TOKENS + places)), answers);
  return measured((timed) =>
    timed("step", async () => {
      const [told] = network.layerInputs(PROMPT_TOKENS + places + REPEATS, (kind) =>
        caches.masks(kind.window),
      );
      const given = { x, position, ...told, ...caches.inputs(0), ...network.parameters.layers[0] };
      const made: Record<string, Values> = await program.run(given);
      caches.write(0, made.k.data as Float32Array, made.v.data as Float32Array);
      step();
    }),
  );
}

const works = { learnt, decoded };
const [work, first, second] = positionals;
if (work !== undefined) {
  console.log(JSON.stringify(await works[work as keyof typeof works](Number(first), Number(second))));
} else {
  const ends = <T>(all: readonly T[]) => (values.quick ? [all[0], all.at(-1)!] : all);
  const row = (cells: readonly (string | number)[]) =>
    console.log(cells.map((cell) => String(cell).padStart(16)).join(""));
  const own = (name: keyof typeof works, a: number, b: number): Row =>
    JSON.parse(
      execFileSync(
        process.execPath,
        [
          ...["--import", "tsx", fileURLToPath(import.meta.url), "--shape", values.shape],
          ...[name, String(a), String(b)],
        ],
        { encoding: "utf8" },
      ),
    );
  const ms = (seconds: number) => (1000 * seconds).toFixed(1);
  row(["texts × tokens", "forward ms", "backward ms", "µs per token", "MB"]);
  for (const batch of ends([1, 2, 4, 8]))
    for (const length of ends([64, 256, 1024, 2048])) {
      const { seconds, megabytes } = own("learnt", batch, length);
      const each = (1e6 * (seconds.forward! + seconds.backward!)) / (batch * length);
      row([
        `${batch} × ${length}`,
        ms(seconds.forward!),
        ms(seconds.backward!),
        each.toFixed(0),
        megabytes.toFixed(0),
      ]);
    }
  row(["answers × held", "step ms", "µs per answer"]);
  for (const answers of ends([16, 64, 256]))
    for (const places of ends([64, 256, 1024])) {
      const { step } = own("decoded", answers, places).seconds;
      row([`${answers} × ${places}`, ms(step!), ((1e6 * step!) / answers).toFixed(0)]);
    }
}
