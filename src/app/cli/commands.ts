/**
 * The commands, in the order of `errata --help`. The code of one is loaded when it is named.
 */
import type { CliCommand } from "./command.ts";

export interface Entry {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  load(): Promise<{ readonly command: CliCommand }>;
}

export const commands: readonly Entry[] = [
  {
    name: "train",
    summary: "learn from right and wrong answers",
    load: () => import("./commands/train.ts"),
  },
  {
    name: "sft",
    summary: "learn from worked solutions, as a cold start",
    load: () => import("./commands/sft.ts"),
  },
  {
    name: "eval",
    summary: "how often a model is right on held-out problems",
    load: () => import("./commands/eval.ts"),
  },
  { name: "chat", summary: "ask a model", load: () => import("./commands/chat.ts") },
  {
    name: "show",
    summary: "what the model answered in a run, and how it was judged",
    load: () => import("./commands/show.ts"),
  },
  {
    name: "watch",
    summary: "a page over runs: what each mistake taught",
    load: () => import("./commands/watch.ts"),
  },
  {
    name: "report",
    summary: "that page as one file to send",
    load: () => import("./commands/report.ts"),
  },
  {
    name: "tell",
    summary: "pause, continue, evaluate, save or stop a run that is at work",
    load: () => import("./commands/tell.ts"),
  },
  {
    name: "export",
    summary: "write a run or a model for other programs",
    load: () => import("./commands/export.ts"),
  },
  {
    name: "serve",
    summary: "answer programs that speak OpenAI's API",
    load: () => import("./commands/serve.ts"),
  },
  {
    name: "verify",
    summary: "judge an answer, or grade a file of cases",
    load: () => import("./commands/verify.ts"),
  },
  {
    name: "check",
    summary: "put every reference answer of a data set to its own verifier",
    load: () => import("./commands/check.ts"),
  },
  {
    name: "compare",
    summary: "run several methods from the same base on the same data, over seeds",
    load: () => import("./commands/compare.ts"),
  },
  {
    name: "doctor",
    summary: "look at machine, model and data, and measure what a step would take",
    load: () => import("./commands/doctor.ts"),
  },
  {
    name: "plan",
    summary: "work out what a run would cost on GPUs or by hosted prices",
    load: () => import("./commands/plan.ts"),
  },
  {
    name: "presets",
    summary: "print the settings of published runs: nft-7b, dapo-32b, …",
    load: () => import("./commands/presets.ts"),
  },
];
