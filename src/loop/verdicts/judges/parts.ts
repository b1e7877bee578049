/**
 * The parts of a combination, as they stand after its name.
 *
 *   math;format:all=think|boxed          two parts
 *   3*math;1*length:words=50,most=100    weighted, in a mean
 */
import { VerifierError } from "../../../errors.ts";

/** `all`: right where each part is. `any`: where one is. `mean`: by the weighted mean of their scores. */
export type Combination = "all" | "any" | "mean";

export interface Part {
  /** A verifier's name, with its settings. */
  readonly verifier: string;
  readonly weight: number;
}

/** @throws VerifierError where there are no parts, or one has a weight that is none, or that is not asked for */
export function partsOf(how: Combination, given: string): readonly Part[] {
  // a semicolon within a setting is its own: only one before a name parts two verifiers
  const written = given.split(/;(?=\s*(?:[\d.]+\*)?[a-z][\w-]*\s*(?::|;|$))/).map((part) => part.trim());
  return written.map((part) => {
    const [, weight, verifier = part] = /^([\d.]+)\*([\s\S]*)$/.exec(part) ?? [];
    const isWeighed =
      weight === undefined || (how === "mean" && Number(weight) > 0 && Number(weight) < Infinity);
    if (isWeighed && verifier !== "" && !/^(?:all|any|mean)(?::|$)/.test(verifier))
      return { verifier, weight: Number(weight ?? 1) };
    throw new VerifierError({
      where: `verifier ${how}`,
      expected: `verifiers by name, parted by semicolons${how === "mean" ? ", with weights above 0 where they differ" : ""}`,
      got: part === "" ? "none" : part,
      next:
        how === "mean"
          ? "Write mean:3*math;1*format:all=think|boxed."
          : `Write ${how}:math;format:all=think|boxed. Weights are for mean; combinations are not combined.`,
    });
  });
}
