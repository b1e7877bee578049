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
import { type Combination, type Part, partsOf } from "./judges/parts.ts";
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
  /** Counts what it does and ends by itself. */
  readonly isCounted?: true;
  /** Its goldForms are all that it asks for: a reference that passes in none of them cannot be answered rightly. */
  readonly hasAllForms: boolean;
  /** Of a combination, the verifiers in it. */
  readonly parts?: (given: string) => readonly Part[];
  readonly load: () => Promise<(given: string) => JudgeByName | Promise<JudgeByName>>;
}

const [always, never] = [() => true, () => false];
const reads = { readsReference: always, hasAllForms: true };
const readsNone = { readsReference: never, hasAllForms: false };
const combination = (how: Combination): ByName => ({
  readsReference: (given) => partsOf(how, given).some(({ verifier }) => readsReference(verifier) === true),
  hasAllForms: false,
  parts: (given) => partsOf(how, given),
  load: async () => {
    const { combined } = await import("./judges/combined.ts");
    return async (given) => {
      const parts = partsOf(how, given).map(async (part) => ({
        ...part,
        verifier: await byName(part.verifier),
      }));
      return combined(how, await Promise.all(parts));
    };
  },
});

// biome-ignore format: a row a verifier
const judges: Readonly<Record<string, ByName>> = {
  match: { ...reads, load: async () => (await import("./judges/match.ts")).match },
  choice: { ...reads, load: async () => (await import("./judges/choice.ts")).choice },
  contains: { ...reads, load: async () => (await import("./judges/contains.ts")).contains },
  number: { ...reads, load: async () => (await import("./judges/number.ts")).number },
  json: { ...reads, load: async () => (await import("./judges/json.ts")).json },
  regex: { readsReference: catchesAnswer, hasAllForms: false, load: async () => (await import("./judges/regex.ts")).regex },
  format: { ...readsNone, load: async () => (await import("./judges/format.ts")).format },
  length: { ...readsNone, load: async () => (await import("./judges/length.ts")).length },
  // reads the tests in `extra`
  code: { ...readsNone, isCounted: true, load: async () => (await import("./code/code.ts")).code },
  all: combination("all"),
  any: combination("any"),
  mean: combination("mean"),
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
  // reads the numbers in `extra`
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

/** Whether the forms in which a verifier's references are tried are all that it asks for, so that one that never passes is wrong. */
export const hasAllForms = (verifier: string): boolean =>
  Object.hasOwn(builtIn, verifier)
    ? builtIn[verifier].readsReference
    : judgeOf(verifier)?.hasAllForms === true;

/** The judge that is named, and what stands after its name. */
function judgeOf(verifier: string): (ByName & { readonly given: string }) | undefined {
  const [, name = "", given = ""] = /^(\w+)(?::([\s\S]*))?$/.exec(verifier) ?? [];
  return Object.hasOwn(judges, name) ? { ...judges[name], given } : undefined;
}

/** Whether a verifier counts what it does, so that its verdicts are the same on a busy machine. */
export const isCounted = (verifier: string): boolean => {
  const judge = judgeOf(verifier);
  return (
    judge?.isCounted === true || judge?.parts?.(judge.given).some((part) => isCounted(part.verifier)) === true
  );
};

/** Whether a verifier reads references as mathematics. */
export const readsMaths = (verifier: string): boolean => {
  if (Object.hasOwn(builtIn, verifier)) return builtIn[verifier].readsMaths === true;
  const judge = judgeOf(verifier);
  return judge?.parts?.(judge.given).some((part) => readsMaths(part.verifier)) === true;
};

/** @throws VerifierError where the name is unknown */
async function byName(verifier: string): Promise<Verifier & Pick<JudgeByName, "inForm">> {
  if (Object.hasOwn(builtIn, verifier)) return builtIn[verifier].load();
  const judge = judgeOf(verifier);
  if (judge === undefined)
    throw new VerifierError({
      where: `verifier ${verifier}`,
      expected: `one of ${verifierNames.join(", ")}, or a path`,
      got: verifier,
      next: "Name a built-in verifier, or write the path of a module with its extension: ./mine.ts. In a combination each part is a built-in one.",
    });
  const own = await (await judge.load())(judge.given);
  return { name: verifier, readsReference: judge.readsReference(judge.given), ...own };
}

/**
 * @param nameOrPath  one of `verifierNames`, some with settings after it (`choice:choices=a|b`), or the path of a module whose default export is a `UserVerifier`
 * @throws VerifierError where the name is unknown, or the module does not load or exports no verifier
 */
export async function loadVerifier(nameOrPath: string): Promise<Verifier> {
  if (isBuiltIn(nameOrPath) || !/[./\\]/.test(nameOrPath)) {
    const { inForm: _, ...verifier } = await byName(nameOrPath);
    return verifier;
  }
  const where = `verifier ${nameOrPath}`;
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
