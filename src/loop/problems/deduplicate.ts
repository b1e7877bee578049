/**
 * Rows that ask again what an earlier row asked, as files made for avg@k do.
 *
 * Each problem is used once, however often its file has it: how many answers it gets is an option, not
 * a property of the file.
 */
import type { Problem } from "../types.ts";

/**
 * What verifiers read beside the answer: rows that differ in it are different problems. The rest, such as
 * the `index` of a row, differs in files made for avg@k although nothing else is asked.
 */
const judgedBy = ["entry", "tests", "numbers", "target", "options", "choices"];

export class Repeats {
  /** Rows that brought nothing new. */
  again = 0;
  /** Rows that give a question asked before another answer. */
  #disputed = 0;
  readonly #seen = new Set<string>();
  readonly #answers = new Map<string, string>();

  /** False where an earlier problem had the same prompt, answer and solution, and is judged by the same. */
  isNew({ prompt, answer, solution, extra }: Problem): boolean {
    const asked = typeof prompt === "string" ? prompt : JSON.stringify(prompt);
    const whole = JSON.stringify([asked, answer, solution, ...judgedBy.map((name) => extra?.[name])]);
    if (this.#seen.has(whole)) {
      this.again++;
      return false;
    }
    this.#seen.add(whole);
    const first = this.#answers.get(asked);
    if (first === undefined) this.#answers.set(asked, answer);
    else if (first !== answer) this.#disputed++;
    return true;
  }

  /** What to say of them. */
  notices(name: string): string[] {
    const different = this.#seen.size;
    const again = `${name}: ${this.again} of ${this.again + different} rows ask the same again, with the same answer; each of the ${different} different problems is used once`;
    const disputed = `${name}: ${this.#disputed} rows give a problem another answer than the row that asked it first; both are used`;
    return [...(this.again > 0 ? [again] : []), ...(this.#disputed > 0 ? [disputed] : [])];
  }
}
