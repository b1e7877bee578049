/**
 * Micro-batches: sequences side by side, cut by a budget of tokens.
 *
 * Equal prompts are one row of the prompts' rectangle [P, S], answers are rows of [A, T]; the last token of a prompt
 * leads its answers, so cell t of an answer is what predicts its token t. Only attention needs the rectangles: where
 * much of them is padding, the layers' rows are packed without it. No result depends on how sequences are cut.
 */
import { EngineError } from "../../errors.ts";
import type { Sequence } from "../engine.ts";
import { inWholeBlocks, isLong } from "./query-blocks.ts";

export interface MicroBatch {
  /** Which of the sequences each answer is. */
  readonly members: readonly number[];
  readonly prompts: number;
  /** S, at least 1, the longest prompt without its last token, in whole blocks. */
  readonly promptLength: number;
  /** T, the longest answer, in whole blocks. */
  readonly answerLength: number;
  /** Whether attention is computed in blocks of rows. */
  readonly blocked: boolean;
  /** Whether the N rows have no padding; else they are the cells of both rectangles, the prompts' first. */
  readonly packed: boolean;
  /** [N] token ids that go in, and the place of each in its sequence. */
  readonly tokens: Int32Array;
  readonly position: BigInt64Array;
  /** [P·S] and [A·T], the row in each cell; any, in padding. */
  readonly promptRow: BigInt64Array;
  readonly answerRow: BigInt64Array;
  /** [N] the cell of each row. */
  readonly cells: BigInt64Array;
  /** [P·S + A·T] 0 in padding, else 1. */
  readonly real: Float32Array;
  /** [A] the first row of each answer, and how many there are. */
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  /** Token ids that are to be predicted, those of each answer after those of the one before. */
  readonly targets: Int32Array;
  /** [A] which of the prompts is each answer's, and how many of its tokens the answer looks back at. */
  readonly owner: BigInt64Array;
  readonly before: Int32Array;
}

/** Rows are packed where less than this share of the cells is real: packing copies, so a little padding is cheaper. */
const WORTH_PACKING = 0.99;

interface Group {
  readonly prompt: Int32Array;
  readonly members: number[];
}

/**
 * Groups in the order of their longest answers, in as few micro-batches as the budget allows, about as large each.
 *
 * @param budget  tokens of a micro-batch; with padding at most twice as many. One longer sequence is one by itself
 */
export function cut(sequences: readonly Sequence[], budget: number): MicroBatch[] {
  const groups = groupByPrompt(sequences);
  const length = (member: number) => sequences[member].completion.length;
  for (const group of groups) group.members.sort((a, b) => length(a) - length(b) || a - b);
  groups.sort((a, b) => length(a.members.at(-1)!) - length(b.members.at(-1)!));
  const batches = evenly(groups, sequences, budget);
  const all = batches.map((batch) => sizesOf(batch, sequences));
  const total = (of: (sizes: Sizes) => number) => all.reduce((sum, each) => sum + of(each), 0);
  // All of them or none: either way has programs of its own, with memory of their own
  const packed = total(({ tokens }) => tokens) < WORTH_PACKING * total(cells);
  return batches.map((batch) => lay(batch, sequences, packed));
}

function groupByPrompt(sequences: readonly Sequence[]): Group[] {
  const groups = new Map<string, Group>();
  sequences.forEach(({ prompt, completion }, member) => {
    if (prompt.length === 0 || completion.length === 0)
      throw new EngineError({
        where: `sequence ${member}`,
        expected: "at least one token of prompt and one of completion",
        got: `${prompt.length} and ${completion.length}`,
        next: "Begin an empty prompt with the model's first token, and leave empty answers out.",
      });
    const key = prompt.join();
    const group = groups.get(key);
    if (group) group.members.push(member);
    else groups.set(key, { prompt, members: [member] });
  });
  return [...groups.values()];
}

/** What a batch is: its rectangles, P × S and A × T, and how many tokens are in them. */
interface Sizes {
  readonly P: number;
  readonly S: number;
  readonly A: number;
  readonly T: number;
  readonly tokens: number;
}

const EMPTY: Sizes = { P: 0, S: 1, A: 0, T: 0, tokens: 0 };
const cells = ({ P, S, A, T }: Sizes): number => P * S + A * T;

/** With one more answer, and its prompt where that is not there yet. */
function joined({ P, S, A, T, tokens }: Sizes, answer: number, prompt: Int32Array | undefined): Sizes {
  // the last token of a prompt leads its answers
  const before = prompt === undefined ? 0 : prompt.length - 1;
  return {
    P: prompt === undefined ? P : P + 1,
    S: Math.max(S, before),
    A: A + 1,
    T: Math.max(T, answer),
    tokens: tokens + before + answer,
  };
}

const sizesOf = (batch: readonly Group[], sequences: readonly Sequence[]): Sizes =>
  batch.reduce(
    (sizes, { prompt, members }) =>
      members.reduce(
        (so, member, i) => joined(so, sequences[member].completion.length, i === 0 ? prompt : undefined),
        sizes,
      ),
    EMPTY,
  );

/**
 * As few batches as the budget allows, by the smallest budget that allows them: the last is not a remainder, and no batch
 * takes more memory than it must.
 */
function evenly(groups: readonly Group[], sequences: readonly Sequence[], budget: number): Group[][] {
  let batches = fill(groups, sequences, budget);
  const count = batches.length;
  let [tooSmall, enough] = [Math.floor(budget / 2), budget];
  while (count > 1 && enough - tooSmall > 1) {
    const tried = Math.ceil((tooSmall + enough) / 2);
    const found = fill(groups, sequences, tried);
    if (found.length > count) tooSmall = tried;
    else [enough, batches] = [tried, found];
  }
  return batches;
}

/** Answers in order, as many to a batch as the budget holds. */
function fill(groups: readonly Group[], sequences: readonly Sequence[], budget: number): Group[][] {
  const batches: Group[][] = [];
  let sizes = EMPTY;
  for (const { prompt, members } of groups)
    for (const member of members) {
      const answer = sequences[member].completion.length;
      const last = batches.at(-1)?.at(-1);
      const isThere = last?.prompt === prompt;
      const next = joined(sizes, answer, isThere ? undefined : prompt);
      if (batches.length === 0 || next.tokens > budget || cells(next) > 2 * budget) {
        batches.push([{ prompt, members: [member] }]);
        sizes = joined(EMPTY, answer, prompt);
      } else {
        if (isThere) last!.members.push(member);
        else batches.at(-1)!.push({ prompt, members: [member] });
        sizes = next;
      }
    }
  return batches;
}

function lay(batch: readonly Group[], sequences: readonly Sequence[], packed: boolean): MicroBatch {
  const { S: longestPrompt, T: longestAnswer, tokens: real } = sizesOf(batch, sequences);
  const [S, T] = [longestPrompt, longestAnswer].map(inWholeBlocks);
  const members = batch.flatMap((group) => group.members);
  const [P, A] = [batch.length, members.length];
  const count = P * S + A * T;
  const rows = new Rows(packed ? real : count, count);
  batch.forEach(({ prompt }, p) => {
    const length = prompt.length - 1;
    for (let s = 0; s < S; s++) rows.add(p * S + s, s, s < length ? prompt[s] : undefined, packed);
  });
  const starts = new Int32Array(A);
  const before = new Int32Array(A);
  members.forEach((member, a) => {
    const { prompt, completion } = sequences[member];
    const seen = prompt.length - 1;
    before[a] = seen;
    starts[a] = rows.count;
    for (let t = 0; t < T; t++) {
      const token = t < completion.length ? (t === 0 ? prompt[seen] : completion[t - 1]) : undefined;
      rows.add(P * S + a * T + t, seen + t, token, packed);
    }
  });
  const completions = members.map((member) => sequences[member].completion);
  return {
    members,
    prompts: P,
    promptLength: S,
    answerLength: T,
    blocked: isLong(S) || isLong(T),
    packed,
    tokens: rows.tokens,
    position: rows.position,
    promptRow: rows.index.subarray(0, P * S),
    answerRow: rows.index.subarray(P * S),
    cells: rows.cells,
    real: rows.real,
    starts,
    lengths: Int32Array.from(completions, ({ length }) => length),
    targets: Int32Array.from(completions.flatMap((completion) => [...completion])),
    owner: BigInt64Array.from(batch.flatMap((group, p) => group.members.map(() => BigInt(p)))),
    before,
  };
}

/** Rows as they are laid, and the cells that they stand in. */
class Rows {
  count = 0;
  readonly tokens: Int32Array;
  readonly position: BigInt64Array;
  readonly cells: BigInt64Array;
  readonly index: BigInt64Array;
  readonly real: Float32Array;

  constructor(rows: number, cells: number) {
    this.tokens = new Int32Array(rows);
    this.position = new BigInt64Array(rows);
    this.cells = new BigInt64Array(rows);
    this.index = new BigInt64Array(cells);
    this.real = new Float32Array(cells);
  }

  /** @param token  undefined in padding, which has a row only where rows are not packed */
  add(cell: number, position: number, token: number | undefined, packed: boolean): void {
    if (token === undefined && packed) return;
    const row = this.count++;
    this.tokens[row] = token ?? 0;
    this.position[row] = BigInt(position);
    this.cells[row] = BigInt(cell);
    this.index[cell] = BigInt(row);
    this.real[cell] = token === undefined ? 0 : 1;
  }
}
