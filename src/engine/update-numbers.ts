/**
 * Which update is made, and which was: a request asked twice, as after a lost answer, never steps twice.
 */
import { createHash } from "node:crypto";
import { serialize } from "node:v8";
import { EngineError } from "../errors.ts";
import type { Example, Step, UpdateReport } from "./engine.ts";

/** What tells one update from another. */
interface Update {
  readonly examples: readonly Example[];
  /** Of the objective. */
  readonly key: string;
  readonly step: Step;
}

export class UpdateNumbers {
  #last: { readonly digest: string; readonly report: UpdateReport } | undefined;

  /**
   * @param taken  steps of the optimizer so far
   * @returns      the report of the last update where it is asked again; undefined where the next one is to be made
   * @throws EngineError where it is neither
   */
  given(taken: number, request: Update): UpdateReport | undefined {
    const { number } = request.step;
    if (number === taken + 1) return undefined;
    const isLast = number === taken && this.#last !== undefined;
    if (isLast && this.#last!.digest === digestOf(request)) return this.#last!.report;
    throw new EngineError({
      where: "update",
      expected: `update ${taken + 1}, as ${taken} are made`,
      got: isLast ? `number ${number} again, of other examples or with another step` : `number ${number}`,
      next: "Number each new update one more than engine.updates; ask again with all of the last one to hear of it again.",
    });
  }

  took(request: Update, report: UpdateReport): void {
    this.#last = { digest: digestOf(request), report };
  }

  /** After other weights were loaded. */
  forget(): void {
    this.#last = undefined;
  }
}

const digestOf = ({ examples, key, step }: Update): string =>
  createHash("sha256")
    .update(serialize([examples, key, step]))
    .digest("hex");
