/**
 * Problems chosen by their predicted solve rate: first those whose next group is likeliest to be mixed, right and
 * wrong answers in it. The method is of MoPPS (Model Predictive Prompt Selection), with the chance in closed form.
 *
 *   Beta(S·p + right, S·(1 − p) + wrong)   →   1 − E qᴷ − E (1 − q)ᴷ   →   the next problems
 *
 * p is the solve rate of problems that were not chosen for theirs, S one answer; all counts fade with the steps since.
 * The outcomes heard, in the order drawn, are the whole state: heard again from a run's records, the same problems follow.
 */
import { Draw } from "./counter-rng.ts";
import { type Choice, type Outcome, type ProblemOrder, ShuffledSampler } from "./shuffled-sampler.ts";

/** Steps after which an answer counts half: the policy that gave it is another by then. */
const HALF_LIFE = 15;
/** S: as many answers the prior is worth. */
const PRIOR_ANSWERS = 1;
/** A problem rests until this share of the others has been drawn, so that a few are not learnt by heart. */
const REST_SHARE = 1 / 8;

/** Different values of a random number in [0, 1). */
const RESOLUTION = 2 ** 30;

/** What was seen of one problem, or of all that were asked first. */
interface Seen {
  right: number;
  wrong: number;
  /** The step that both are counted at. */
  step: number;
}

/** And the last draw that asked it. */
interface SeenProblem extends Seen {
  draw: number;
}

export class SolveRateSampler implements ProblemOrder {
  readonly #seed: number;
  readonly #answers: number;
  readonly #exploration: number;
  /** Every place once: among equals, the first is taken. */
  readonly #shuffled: readonly number[];
  readonly #places: ReadonlyMap<string, number>;
  readonly #seen: (SeenProblem | undefined)[];
  /** Of problems that were not chosen for their rate: asked the first time, or by a draw that explored. */
  readonly #unchosen: Seen = { right: 0, wrong: 0, step: 0 };

  /**
   * @param ids          of the problems, each another
   * @param answers      K: the answers of a group that are to be mixed
   * @param exploration  share of the draws that take any problem, each as likely: no problem is forgotten
   */
  constructor(ids: readonly string[], seed: number, answers: number, exploration: number) {
    this.#seed = seed;
    this.#answers = answers;
    this.#exploration = exploration;
    this.#shuffled = new ShuffledSampler(ids.length, seed).range(0, ids.length);
    this.#places = new Map(ids.map((id, place) => [id, place]));
    this.#seen = ids.map(() => undefined);
  }

  choose(step: number, draw: number, most: number, wanted = Number.POSITIVE_INFINITY): Choice[] {
    const rested = this.#rested(step, draw);
    const unseen = this.#mixed(undefined, step);
    const chances = new Float64Array(this.#seen.length);
    for (const index of rested) {
      const seen = this.#seen[index];
      chances[index] = seen === undefined ? unseen : this.#mixed(seen, step);
    }
    // equals stay in their shuffled order
    const left = [...rested].sort((one, other) => chances[other]! - chances[one]!);
    const chosen: Choice[] = [];
    for (let expected = 0; chosen.length < most && expected < wanted; ) {
      if (left.length === 0) left.push(...rested);
      const at = draw + chosen.length;
      const place = this.#explores(at) ? Math.floor(this.#random(at, 1) * left.length) : 0;
      const [index] = left.splice(place, 1) as [number];
      const mixed = chances[index]!;
      chosen.push({ index, mixed });
      expected += mixed;
    }
    return chosen;
  }

  hear({ problem, step, draw, right, wrong }: Outcome): void {
    const place = this.#places.get(problem)!;
    const before = this.#seen[place];
    if (before === undefined || this.#explores(draw)) add(this.#unchosen, step, right, wrong);
    const seen = before ?? { right: 0, wrong: 0, step, draw };
    add(seen, step, right, wrong);
    this.#seen[place] = Object.assign(seen, { draw });
  }

  /** Places that may be asked, in shuffled order: not asked in this step, nor shortly before; all, where none is left. */
  #rested(step: number, draw: number): readonly number[] {
    const rest = Math.floor(this.#seen.length * REST_SHARE);
    const isRested = (index: number) => {
      const seen = this.#seen[index];
      return seen === undefined || (seen.step < step && draw - seen.draw > rest);
    };
    const rested = this.#shuffled.filter(isRested);
    return rested.length > 0 ? rested : this.#shuffled;
  }

  /** Whether a draw takes any problem. */
  #explores(draw: number): boolean {
    return this.#random(draw, 0) < this.#exploration;
  }

  /** A number in [0, 1) of a draw. */
  #random(draw: number, which: number): number {
    return new Draw(this.#seed, 2 * draw + which).int(0, RESOLUTION - 1) / RESOLUTION;
  }

  #mixed(seen: Seen | undefined, step: number): number {
    const all = faded(this.#unchosen, step);
    // half an answer of either kind, so that there is a rate before there are answers
    const rate = (all.right + 0.5) / (all.right + all.wrong + 1);
    const own = seen === undefined ? { right: 0, wrong: 0 } : faded(seen, step);
    return mixedChance(
      PRIOR_ANSWERS * rate + own.right,
      PRIOR_ANSWERS * (1 - rate) + own.wrong,
      this.#answers,
    );
  }
}

/**
 * How likely `answers` answers are neither all right nor all wrong, their rate being of Beta(a, b):
 * E qᴷ = Π (a + i) / (a + b + i) over i < K, and E (1 − q)ᴷ with b in a's place.
 */
export function mixedChance(a: number, b: number, answers: number): number {
  let [allRight, allWrong] = [1, 1];
  for (let i = 0; i < answers; i++) {
    allRight *= (a + i) / (a + b + i);
    allWrong *= (b + i) / (a + b + i);
  }
  return 1 - allRight - allWrong;
}

function faded({ right, wrong, step }: Seen, now: number): { right: number; wrong: number } {
  const share = 2 ** ((step - now) / HALF_LIFE);
  return { right: right * share, wrong: wrong * share };
}

function add(seen: Seen, step: number, right: number, wrong: number): void {
  const before = faded(seen, step);
  Object.assign(seen, { right: before.right + right, wrong: before.wrong + wrong, step });
}
