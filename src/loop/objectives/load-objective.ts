/**
 * A user's own objective, from a module: loaded, traced and differentiated before a run begins, so that a slip
 * in it is found in a second and not in an hour.
 */
import { basename, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { tsImport } from "tsx/esm/api";
import type { Objective, ObjectiveInputs, ObjectiveOutputs } from "../../engine/objective.ts";
import { objectiveGradient, traceObjective } from "../../engine/objective-program.ts";
import { ErrataError, OptionError } from "../../errors.ts";
import { type ObjectiveOps, objectiveOps } from "./objective-ops.ts";

/** What a module exports: an objective, whose name may be left to the file's, and whose loss is given the ops. */
export interface UserObjective extends Omit<Objective, "name" | "loss"> {
  readonly name?: string;
  loss(inputs: ObjectiveInputs, ops: ObjectiveOps): ObjectiveOutputs;
}

/** What a user may give: an objective, or its loss alone, which is then handed every column. */
export type GivenObjective = UserObjective | UserObjective["loss"];

/**
 * @param given    an objective, or the path of a module, .ts or .js, whose default export is one
 * @param columns  the names of the columns there are
 * @throws OptionError where it does not load, or is no objective
 */
export async function loadObjective(
  given: string | GivenObjective,
  columns: readonly string[],
): Promise<Objective> {
  const where = typeof given === "string" ? `objective ${given}` : "the objective that was given";
  const refuse = (expected: string, got: string, next: string, cause?: unknown): never => {
    throw new OptionError({ where, expected, got, next, cause });
  };
  const value = typeof given === "string" ? await exported(given, refuse) : given;
  const found: unknown = typeof value === "function" ? { columns, loss: value } : value;
  if (!isObjective(found)) {
    return refuse(
      "an objective { columns: string[], loss(inputs, ops) { … } }, or its loss",
      found === undefined
        ? "no default export"
        : `${typeof found === "object" ? "an" : "a"} ${typeof found} without them`,
      'Write: { columns: ["advantage"], loss: ({ logp, columns }, { mul }) => ({ loss: … }) }.',
    );
  }
  const unknown = found.columns.find((name) => !columns.includes(name));
  if (unknown !== undefined) refuse(`columns among ${columns.join(", ")}`, unknown, "Ask for one of these.");

  const named =
    typeof given === "string"
      ? basename(given, extname(given))
      : typeof value === "function"
        ? value.name
        : "";
  const objective: Objective = {
    ...found,
    name: found.name ?? (named || "objective"),
    loss: (inputs) => {
      const outputs: unknown = found.loss(inputs, objectiveOps);
      if (typeof outputs === "object" && outputs !== null && "loss" in outputs)
        return outputs as ObjectiveOutputs;
      return refuse(
        "{ loss } from loss(inputs, ops)",
        outputs === undefined ? "nothing" : `a ${typeof outputs}`,
        "Return an object: ({ logp }, { neg }) => ({ loss: neg(logp) }).",
      );
    },
  };
  try {
    const traced = traceObjective(objective);
    const { losses } = traced.outputs;
    const shape = losses.shape.join();
    if (losses.dtype !== "f64" || (shape !== "B,T" && shape !== "B,1")) {
      refuse(
        "a loss of shape [B, T] or [B, 1] in float64",
        `${losses.dtype} [${losses.shape.join(", ")}]`,
        "Do not sum it over answers: the engine does, so that micro-batches change nothing.",
      );
    }
    objectiveGradient(traced);
  } catch (cause) {
    if (cause instanceof OptionError) throw cause;
    const { next } = cause instanceof ErrataError ? cause : { next: "Its loss must depend on logp." };
    refuse("a loss that can be traced and differentiated", said(cause), next, cause);
  }
  return objective;
}

type Refuse = (expected: string, got: string, next: string, cause?: unknown) => never;

/** The default export of a module. */
async function exported(path: string, refuse: Refuse): Promise<unknown> {
  const module = await load(resolve(path)).catch((cause) =>
    refuse("a module that loads", said(cause), "Check the path and the module's own imports.", cause),
  );
  return module.default;
}

/** TypeScript is read whatever runs this: tsx, a test or the build. */
async function load(path: string): Promise<{ readonly default?: unknown }> {
  const url = pathToFileURL(path).href;
  if (!/\.[cm]?ts$/.test(path)) return import(url);
  const module = await tsImport(url, import.meta.url);
  // a `.ts` file in a folder whose package.json does not say "module" is read as CommonJS
  return module.default?.__esModule === true ? module.default : module;
}

function isObjective(value: unknown): value is UserObjective {
  if (typeof value !== "object" || value === null) return false;
  const { columns, loss } = value as Partial<UserObjective>;
  return (
    typeof loss === "function" &&
    Array.isArray(columns) &&
    columns.every((column) => typeof column === "string")
  );
}

function said(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split("\n")[0];
}
