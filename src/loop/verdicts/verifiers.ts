/**
 * The verifiers, by name; those of judges/ take settings after it, as in `number:relative=0.01`.
 *
 * Each is loaded when asked for, so that a run with one pays nothing for the others.
 */
import { basename, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { VerifierError } from "../../errors.ts";
import { typedPath } from "../../files/typed-path.ts";
import type { Judge, Verifier } from "../types.ts";
import { asVerifier } from "./as-verifier.ts";
import { catchesAnswer } from "./judges/regex.ts";
import type { JudgeByName } from "./judges/settings.ts";

interface BuiltIn {
  readonly readsReference: boolean;
  /** Reads references as mathematics; one that cannot be read so is only compared as text. */
  readonly readsMaths?: true;
  readonly load: () => Promise<Verifier>;
}

interface ByName {
  readonly readsReference: (given: string) => boolean;
  readonly load: () => Promise<(given: string) => JudgeByName>;
}

const [always, never] = [() => true, () => false];

// biome-ignore format: a row a verifier
const judges: Readonly<Record<string, ByName>> = {
  match: { readsReference: always, load: async () => (await import("./judges/match.ts")).match },
  choice: { readsReference: always, load: async () => (await import("./judges/choice.ts")).choice },
  contains: { readsReference: always, load: async () => (await import("./judges/contains.ts")).contains },
  number: { readsReference: always, load: async () => (await import("./judges/number.ts")).number },
  json: { readsReference: always, load: async () => (await import("./judges/json.ts")).json },
  regex: { readsReference: catchesAnswer, load: async () => (await import("./judges/regex.ts")).regex },
  format: { readsReference: never, load: async () => (await import("./judges/format.ts")).format },
};

const maths = (mode: string): BuiltIn => ({
  readsReference: true,
  load: async () => (await import("./math.ts")).mathVerifier(mode),
});

const builtIn: Readonly<Record<string, BuiltIn>> = {
  math: { ...maths("math"), readsMaths: true },
  "math-lenient": { ...maths("math-lenient"), readsMaths: true },
  dapo: maths("dapo"),
  "dapo-boxed": maths("dapo-boxed"),
  "dapo-skyrl": maths("dapo-skyrl"),
  gsm8k: maths("gsm8k"),
  hendrycks: maths("hendrycks"),
  "qwen-like": maths("qwen-like"),
  exact: { readsReference: true, load: async () => named("exact", (await import("./exact.ts")).exact) },
  // both read the tests or numbers in `extra`
  code: { readsReference: false, load: async () => named("code", (await import("./code.ts")).code) },
  countdown: {
    readsReference: false,
    load: async () => named("countdown", (await import("./countdown.ts")).countdown),
  },
};

const named = (name: string, judge: Judge): Verifier => ({
  name,
  judge,
  readsReference: builtIn[name].readsReference,
});

/** The names `loadVerifier` knows, the default first. */
export const verifierNames: readonly string[] = [...Object.keys(builtIn), ...Object.keys(judges)];

/** True for a verifier that goes by a name: it is the same wherever errata is. */
export const isBuiltIn = (verifier: string): boolean =>
  Object.hasOwn(builtIn, verifier) || judgeOf(verifier) !== undefined;

/** Whether a verifier looks at the reference answer; undefined for a module, which has to be loaded to be asked. */
export const readsReference = (verifier: string): boolean | undefined => {
  if (Object.hasOwn(builtIn, verifier)) return builtIn[verifier].readsReference;
  const judge = judgeOf(verifier);
  return judge?.readsReference(judge.given);
};

/** The judge that is named, and what stands after its name. */
function judgeOf(verifier: string): (ByName & { readonly given: string }) | undefined {
  const [, name = "", given = ""] = /^(\w+)(?::([\s\S]*))?$/.exec(verifier) ?? [];
  return Object.hasOwn(judges, name) ? { ...judges[name], given } : undefined;
}

/** Whether a verifier reads references as mathematics. */
export const readsMaths = (verifier: string): boolean =>
  Object.hasOwn(builtIn, verifier) && builtIn[verifier].readsMaths === true;

/**
 * @param nameOrPath  one of `verifierNames`, some with settings after it (`choice:choices=a|b`), or the path of a module whose default export is a `UserVerifier`
 * @throws VerifierError where the name is unknown, or the module does not load or exports no verifier
 */
export async function loadVerifier(nameOrPath: string): Promise<Verifier> {
  if (Object.hasOwn(builtIn, nameOrPath)) return builtIn[nameOrPath].load();
  const judge = judgeOf(nameOrPath);
  if (judge !== undefined) {
    const byName = (await judge.load())(judge.given);
    return { name: nameOrPath, readsReference: judge.readsReference(judge.given), ...byName };
  }
  const where = `verifier ${nameOrPath}`;
  if (!/[./\\]/.test(nameOrPath)) {
    throw new VerifierError({
      where,
      expected: `one of ${verifierNames.join(", ")}, or a path`,
      got: nameOrPath,
      next: "Name a built-in verifier, or write the path of a module with its extension: ./mine.ts.",
    });
  }
  const path = resolve(typedPath(nameOrPath));
  if (!/\.[cm]?[jt]s$/.test(path)) {
    throw new VerifierError({
      where,
      expected: "a JavaScript or TypeScript module (.js, .mjs, .cjs, .ts, .mts, .cts)",
      got: extname(path) === "" ? "a path without an ending" : `a file that ends in ${extname(path)}`,
      next: "Verifiers are written in JavaScript or TypeScript: export default (problem, answer) => answer.includes(problem.answer).",
    });
  }
  const module: { readonly default?: unknown } = await import(pathToFileURL(path).href).catch((cause) => {
    throw new VerifierError({
      where,
      expected: "a module that loads",
      got: cause instanceof Error ? cause.message : String(cause),
      next: "Check the path and the module's own imports.",
      cause,
    });
  });
  if (module.default === undefined) {
    throw new VerifierError({
      where,
      expected: "a default export that is a function (problem, answer) => verdict, or an object { judge }",
      got: "no default export",
      next: "Write: export default (problem, answer) => answer.includes(problem.answer).",
    });
  }
  return asVerifier(module.default, basename(nameOrPath, extname(nameOrPath)), where);
}
