/**
 * What makes an evaluation the one it is: the model's weights, the problems as they are asked, and how answers
 * are drawn and judged. Two of the same identity draw the same answers, so one may go on where the other stopped.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { z } from "zod";
import { RunError } from "../../errors.ts";
import { typedPath } from "../../files/typed-path.ts";
import type { ModelFiles } from "../../formats/model-files.ts";
import type { Asked } from "../../loop/session/datasets.ts";
import { fingerprint } from "../../loop/session/open-session.ts";
import type { UserVerifier } from "../../loop/verdicts/as-verifier.ts";
import { isBuiltIn } from "../../loop/verdicts/verifiers.ts";
import type { Options } from "../../options/options.ts";
import { weightsName } from "./weights-hash.ts";

const count = z.int().min(0);
const schema = z.strictObject({
  version: z.literal(1),
  /** Names the weights, by what is in them. */
  model: z.string(),
  /** The kind of server that answers; absent where this machine does. */
  engine: z.string().optional(),
  verifier: z.string(),
  /** Names what is in the file of a verifier that is a path; what it imports is not looked at. */
  verifierContent: z.string().optional(),
  temperature: z.number(),
  topP: z.number(),
  topK: count,
  maxTokens: count,
  seed: count,
  /** How problems are put to the model, in words; `sets` has it in tokens. */
  promptFormat: z.enum(["chat", "raw"]).optional(),
  promptTemplate: z.string().nullable().optional(),
  systemPrompt: z.string().nullable().optional(),
  chatTemplateKwargs: z.string().nullable().optional(),
  /** Null where the template asks for no date. */
  chatTemplateDate: z.string().nullable().optional(),
  /** `data` names the problems as they are asked: prompts in tokens, and references. */
  sets: z.array(z.strictObject({ name: z.string(), k: count, problems: count, data: z.string() })),
});

export type Identity = Readonly<z.infer<typeof schema>>;

/** A data set as it is asked, with the number of answers to each problem. */
export interface AskedSet extends Asked {
  readonly k: number;
}

/**
 * @param format  in which it is asked
 * @param given   the verifier, where it is a value: named by its text, as far as that goes
 */
export async function identityOf(
  model: ModelFiles,
  options: Options,
  format: "chat" | "raw",
  sets: readonly AskedSet[],
  given?: UserVerifier,
): Promise<Identity> {
  return {
    version: 1,
    model: await weightsName(model),
    ...(options.engine === undefined ? {} : { engine: options.engineDialect }),
    verifier: options.verifier,
    ...(isBuiltIn(options.verifier) ? {} : { verifierContent: await contentName(given ?? options.verifier) }),
    temperature: options.evalTemperature,
    topP: options.evalTopP,
    topK: options.evalTopK,
    maxTokens: options.maxCompletionLength,
    seed: options.seed,
    promptFormat: format,
    promptTemplate: options.promptTemplate ?? null,
    systemPrompt: options.systemPrompt ?? null,
    chatTemplateKwargs: options.chatTemplateKwargs ?? null,
    chatTemplateDate: (readsDate(model, format) ? options.chatTemplateDate : undefined) ?? null,
    sets: sets.map(({ name, k, asked }) => ({
      name,
      k,
      problems: asked.length,
      data: fingerprint(asked.map(({ problem, tokens }) => [problem.answer, tokens])),
    })),
  };
}

function readsDate({ tokenizer }: ModelFiles, format: "chat" | "raw"): boolean {
  return format === "chat" && (tokenizer?.chatTemplate ?? "").includes("strftime_now");
}

async function contentName(verifier: string | UserVerifier): Promise<string> {
  const text =
    typeof verifier === "string"
      ? await readFile(resolve(typedPath(verifier)))
      : String(typeof verifier === "function" ? verifier : verifier.judge);
  return createHash("sha256").update(text).digest("hex");
}

/** True of what says in words how problems are put to the model. */
export function isOfPrompts(key: string): boolean {
  return /^(promptFormat|promptTemplate|systemPrompt|chatTemplate\w+)$/.test(key);
}

/** Eight hexadecimal digits, of what makes the answers what they are: of prompts the tokens, and not the words too. */
export function shortName(identity: Identity): string {
  const decisive = Object.entries(identity).filter(([key]) => !isOfPrompts(key));
  return createHash("sha256")
    .update(JSON.stringify(Object.fromEntries(decisive)))
    .digest("hex")
    .slice(0, 8);
}

/** @throws RunError where the file is no identity */
export async function readIdentity(path: string): Promise<Identity> {
  try {
    return schema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    throw new RunError({
      where: path,
      expected: "what an evaluation was begun with",
      got: cause instanceof z.ZodError ? cause.issues[0]!.message : (cause as Error).message,
      next: "The file was changed or is of another version; name another output_dir.",
      cause,
    });
  }
}
