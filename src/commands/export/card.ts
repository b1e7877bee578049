/**
 * The model card: README.md of an export, which says what it is and how it was trained.
 */
import { stringify } from "yaml";
import type { ModelConfig } from "../../models/config.ts";
import { numbers, rates, table } from "../../statistics/markdown-table.ts";
import { version } from "../../version.ts";
import type { Proof } from "./proof.ts";
import type { Evaluation, Training } from "./training.ts";

export interface CardFacts {
  readonly name: string;
  readonly config: ModelConfig;
  readonly parameters: number;
  readonly format: "hf" | "gguf" | "adapter";
  readonly dtype: string;
  /** The model's file or folder as a reader of the card names it. */
  readonly file: string;
  readonly training: Training | undefined;
  /** The hub's id of what it was before: of a run, what that was trained from. */
  readonly base: string | undefined;
  /** The hub's id of what it was trained on. */
  readonly dataset: string | undefined;
  readonly proof: Proof;
}

/** The text of README.md. */
export function modelCard(facts: CardFacts): string {
  const { name, training } = facts;
  const blocks = [
    frontMatter(facts),
    `# ${inline(name)}`,
    whatItIs(facts),
    ...(training === undefined ? [] : howItWasTrained(training)),
    "## This export",
    proven(facts),
    "## Use",
    use(facts),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function frontMatter({ base, dataset, training, format }: CardFacts): string {
  const data = {
    library_name: { hf: "transformers", gguf: "gguf", adapter: "peft" }[format],
    pipeline_tag: "text-generation",
    ...(base === undefined ? {} : { base_model: base }),
    ...(dataset === undefined ? {} : { datasets: [dataset] }),
    tags: ["errata", ...(training === undefined ? [] : [method(training)])],
  };
  return `---\n${stringify(data)}---`;
}

const method = ({ command, options }: Training): string =>
  command === "train" ? String(options.get("algorithm") ?? "nft") : "sft";

function whatItIs({ config, parameters, training, format }: CardFacts): string {
  const size = sizeOf(parameters);
  const kind = format === "adapter" ? "LoRA adapters beside a" : "A";
  const origin = training === undefined ? "exported by" : "trained and exported by";
  return `${kind} ${config.architecture} model of ${size} parameters and ${config.contextLength} tokens of context, ${origin} errata ${version}.`;
}

function sizeOf(parameters: number): string {
  if (parameters < 1e6) return String(parameters);
  return parameters < 1e9
    ? `${(parameters / 1e6).toFixed(1)} million`
    : `${(parameters / 1e9).toFixed(2)} billion`;
}

/** The options a reader asks for first; all of them follow as the run has them. */
const telling = [
  ["model", "base model"],
  ["dataset", "data set"],
  ["verifier", "verifier"],
  ["algorithm", "method"],
  ["objective", "objective of its own"],
  ["prompts_per_step", "problems in a step"],
  ["num_generations", "answers to each problem"],
  ["mini_batch_size", "mini-batch"],
  ["learning_rate", "learning rate"],
  ["lora_rank", "LoRA rank"],
  ["seed", "seed"],
] as const;

function howItWasTrained(training: Training): string[] {
  const { command, step, options, evals } = training;
  const rows = telling.flatMap(([key, label]) => {
    const value = options.get(key);
    if (value === undefined || value === "" || (key === "lora_rank" && value === 0)) return [];
    return [[label, cell(String(value))]];
  });
  const first = command === "train" ? "" : "supervised fine-tuning on worked solutions, ";
  const yaml = stringify(Object.fromEntries(options), { lineWidth: 0 });
  const fence = "`".repeat(Math.max(3, ...[...yaml.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return [
    "## How it was trained",
    `By \`errata ${command}\`: ${first}${step} steps.`,
    table(["", "this run"], rows),
    ...evaluated(evals),
    "### All options",
    `${fence}yaml\n${yaml}${fence}`,
  ];
}

function evaluated(evals: readonly Evaluation[]): string[] {
  if (evals.length === 0) return [];
  const rows = evals.map((one) => {
    const data = [String(one.step), cell(one.dataset), String(one.problems)];
    if (one.kind === "loss")
      return [...data, one.loss === null ? "–" : `${one.loss.toFixed(4)} nats per token`, ""];
    const how = `${rates(known(one.avgAtK))} % right (avg@${one.k}, T = ${one.temperature})`;
    return [...data, how, one.sinceStart === undefined ? "" : `${signed(known(one.sinceStart))} points`];
  });
  return [
    "### Evaluation",
    "On held-out problems, with 95 % intervals. Step 0 is the model as it came.",
    table(["step", "data set", "problems", "result", "change since step 0"], rows),
  ];
}

/** JSON has no NaN: a mean of nothing comes back as null. */
const known = ({ mean, low, high }: { mean: number | null; low: number; high: number }) => ({
  mean: mean ?? Number.NaN,
  low,
  high,
});

const signed = ({ mean, low, high }: { mean: number; low: number; high: number }) =>
  (mean >= 0 ? "+" : "") + numbers({ mean: 100 * mean, low: 100 * low, high: 100 * high }, 1);

function proven({ dtype, proof }: CardFacts): string {
  const { bitEqual, mean, max, tokens, sameGreedy, greedy } = proof;
  const logps = bitEqual
    ? `are equal bit for bit`
    : `differ by ${mean.toExponential(1)} nats on average and ${max.toExponential(1)} at most`;
  return `Weights are stored as ${dtype}. Opened again, log-probs of ${tokens} tokens ${logps} from those before the export, and ${sameGreedy} of ${greedy} greedy continuations are the same. proof.json has the numbers.`;
}

function use({ format, file }: CardFacts): string {
  if (format === "gguf") return `\`\`\`sh\nllama-cli -m ${file}\nerrata chat --model ${file}\n\`\`\``;
  const quoted = JSON.stringify(file);
  const load =
    format === "hf"
      ? `from transformers import AutoModelForCausalLM, AutoTokenizer\n\nmodel = AutoModelForCausalLM.from_pretrained(${quoted})\ntokenizer = AutoTokenizer.from_pretrained(${quoted})`
      : `from peft import AutoPeftModelForCausalLM\n\nmodel = AutoPeftModelForCausalLM.from_pretrained(${quoted})`;
  return `\`\`\`python\n${load}\n\`\`\``;
}

/** Text of others in a table and in a heading: on one line, and no markup. */
const inline = (text: string): string => text.replace(/\s+/g, " ").replace(/[\\`*_<>[\]#]/g, "\\$&");
const cell = (text: string): string => inline(text).replaceAll("|", "\\|").slice(0, 200);
