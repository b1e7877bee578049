/**
 * The verifiers, by name.
 *
 * Each is loaded when asked for, so that a run with one pays nothing for the others.
 */
import { basename, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { VerifierError } from "../../errors.ts";
import { typedPath } from "../../files/typed-path.ts";
import type { Judge, Verifier } from "../types.ts";
import { asVerifier } from "./as-verifier.ts";

interface BuiltIn {
  readonly readsReference: boolean;
  /** Reads references as mathematics; one that cannot be read so is only compared as text. */
  readonly readsMaths?: true;
  readonly load: () => Promise<Verifier>;
}

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
export const verifierNames: readonly string[] = Object.keys(builtIn);

/** True for a verifier that goes by a name: it is the same wherever errata is. */
export const isBuiltIn = (verifier: string): boolean => Object.hasOwn(builtIn, verifier);

/** Whether a verifier looks at the reference answer; undefined for a module, which has to be loaded to be asked. */
export const readsReference = (verifier: string): boolean | undefined =>
  isBuiltIn(verifier) ? builtIn[verifier].readsReference : undefined;

/** Whether a verifier reads references as mathematics. */
export const readsMaths = (verifier: string): boolean =>
  isBuiltIn(verifier) && builtIn[verifier].readsMaths === true;

/**
 * @param nameOrPath  one of `verifierNames`, or the path of a module whose default export is a `UserVerifier`
 * @throws VerifierError where the name is unknown, or the module does not load or exports no verifier
 */
export async function loadVerifier(nameOrPath: string): Promise<Verifier> {
  if (isBuiltIn(nameOrPath)) return builtIn[nameOrPath].load();
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
