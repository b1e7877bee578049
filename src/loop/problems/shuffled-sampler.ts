/**
 * The order problems are drawn in: a fresh shuffle each pass, and a function of the seed alone.
 *
 * The only state is a count of draws, so a run resumes at draw 1,234 by saying 1,234.
 */

/** A problem that an order has chosen, by its place in the data set. */
export interface Choice {
  readonly index: number;
  /** How likely some of its answers are right and some wrong, where the order predicts it. */
  readonly mixed?: number;
}

/** What became of a problem that was asked. */
export interface Outcome {
  readonly problem: string;
  readonly step: number;
  readonly draw: number;
  /** Its answers; those without a verdict are neither. */
  readonly right: number;
  readonly wrong: number;
}

/** In which problems are asked. */
export interface ProblemOrder {
  /**
   * Problems of a step, from a draw of the run on.
   *
   * @param most    as many, or fewer where these are expected to do
   * @param wanted  groups that are to be mixed; left out, all of `most` are asked
   */
  choose(step: number, draw: number, most: number, wanted?: number): readonly Choice[];
  /** Told of every problem asked, in the order drawn, where the order depends on it. */
  hear?(outcome: Outcome): void;
}

/** The index drawn at `position` of an endless sequence of shuffled passes over `size` problems. */
export class ShuffledSampler implements ProblemOrder {
  readonly #size: number;
  readonly #seed: number;
  #epoch = -1;
  #shuffled: Uint32Array = new Uint32Array(0);

  constructor(size: number, seed: number) {
    this.#size = size;
    this.#seed = seed;
  }

  at(position: number): number {
    const epoch = Math.floor(position / this.#size);
    if (epoch !== this.#epoch) {
      this.#shuffled = shuffle(this.#size, this.#seed, epoch);
      this.#epoch = epoch;
    }
    return this.#shuffled[position % this.#size]!;
  }

  choose(_step: number, draw: number, most: number): Choice[] {
    return this.range(draw, most).map((index) => ({ index }));
  }

  /** `count` draws from `position` on. */
  range(position: number, count: number): number[] {
    return Array.from({ length: count }, (_, i) => this.at(position + i));
  }
}

/** Fisher and Yates's shuffle of 0…size-1 by the random numbers of (seed, epoch). */
function shuffle(size: number, seed: number, epoch: number): Uint32Array {
  const order = Uint32Array.from({ length: size }, (_, i) => i);
  const random = randomOf(seed, epoch);
  for (let i = size - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** SplitMix32 from (seed, epoch): numbers in [0, 1), the same on every machine. */
function randomOf(seed: number, epoch: number): () => number {
  let state = mix(mix(seed >>> 0) ^ mix(Math.floor(seed / 2 ** 32) + 0x632be5ab) ^ mix(epoch + 0x85157af5));
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    return mix(state) / 2 ** 32;
  };
}

function mix(value: number): number {
  let x = value >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}
