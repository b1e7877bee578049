/**
 * A program as a script that QuickJS runs.
 *
 *   JavaScript, a module, TypeScript, or with `await` outside of functions  →  one script
 *
 * What is a script already stays as it is. Of the rest Sucrase takes the types and makes `import` and `export`
 * `require` and `exports`; what still awaits becomes the body of an asynchronous function.
 */
import { runInNewContext } from "node:vm";

export interface Program {
  readonly text: string;
  /** It was said to be TypeScript. */
  readonly isTyped: boolean;
}

/** Milliseconds for the types of one program; Sucrase looks ahead for ever at some that nobody writes. */
const LONGEST_MS = 1000;

/**
 * @param names    what has to be found once it has run
 * @param faultOf  what is wrong with a script, undefined for none
 * @returns        the script, or what is wrong with the program
 */
export async function asScript(
  { text, isTyped }: Program,
  names: readonly string[],
  faultOf: (script: string) => string | undefined,
): Promise<string | { readonly fault: string }> {
  const first = faultOf(text);
  if (first === undefined && !isTyped) return text;
  const stripped = await withoutTypes(text);
  const forms = stripped === undefined ? [text] : isTyped ? [stripped, text] : [text, stripped];
  for (const form of forms) if (faultOf(form) === undefined) return form;
  for (const form of forms) {
    const awaited = asBody(form, names);
    if (/\bawait\b/.test(form) && faultOf(awaited) === undefined) return awaited;
  }
  return { fault: first ?? "SyntaxError: its types cannot be taken away" };
}

/** The body of a function that runs at once; what is named in it becomes global. */
function asBody(text: string, names: readonly string[]): string {
  const given = names.map((name) => `if (typeof ${name} !== "undefined") globalThis.${name} = ${name};`);
  return `(async () => {\n${text}\n;${given.join(" ")}\n})();`;
}

/** @returns undefined for what is no TypeScript either */
async function withoutTypes(text: string): Promise<string | undefined> {
  const { transform } = await import("sucrase");
  const strip = (): string =>
    transform(text, { transforms: ["typescript", "imports"], disableESTransforms: true }).code;
  try {
    // the one way to stop what does not return in this thread
    const script = runInNewContext("strip()", { strip }, { timeout: LONGEST_MS }) as string;
    return script.replace(/\bimport\.meta\b/g, "__meta");
  } catch {
    return undefined;
  }
}
