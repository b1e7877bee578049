/**
 * Micro-batches: sequences side by side in rectangles, cut by a budget of tokens.
 *
 * Equal prompts are one row. The last token of a prompt leads its answers, so row t of an answer is what
 * predicts its token t. Padding is masked: no result depends on how sequences are cut.
 */
import { EngineError } from "../../errors.ts";
import type { Sequence } from "../engine.ts";

export interface MicroBatch {
  /** Which of the sequences each answer is. */
  readonly members: readonly number[];
  readonly prompts: number;
  /** S, at least 1, the longest prompt without its last token. */
  readonly promptLength: number;
  /** T, the longest answer. */
  readonly answerLength: number;
  /** [P·S + A·T] token ids that go in. */
  readonly tokens: Int32Array;
  /** [A·T] token ids that are to be predicted, 0 on padding. */
  readonly targets: Int32Array;
  /** [A] how many of them count. */
  readonly lengths: Int32Array;
  readonly promptPosition: BigInt64Array;
  readonly answerPosition: BigInt64Array;
  readonly owner: BigInt64Array;
  readonly causal: Float32Array;
  readonly answerMask: Float32Array;
}

/** Added to a score that must not count: far below any real one, and no NaN in a row that is all padding. */
export const HIDDEN = -1e9;

interface Group {
  readonly prompt: Int32Array;
  readonly members: number[];
}

/** @param budget  tokens of a micro-batch, padding included; one longer sequence is a micro-batch by itself */
export function cut(sequences: readonly Sequence[], budget: number): MicroBatch[] {
  const groups = groupByPrompt(sequences);
  const length = (member: number) => sequences[member].completion.length;
  for (const group of groups) group.members.sort((a, b) => length(a) - length(b) || a - b);
  const whole = [...groups].sort((a, b) => length(a.members.at(-1)!) - length(b.members.at(-1)!));
  const single = groups
    .flatMap(({ prompt, members }) => members.map((member) => ({ prompt, members: [member] })))
    .sort((a, b) => length(a.members[0]) - length(b.members[0]) || a.members[0] - b.members[0]);
  // Groups together compute a prompt once, answers by length pad less: which is cheaper depends on the batch.
  const [byGroup, byLength] = [whole, single].map((order) => fill(order, sequences, budget));
  const cost = (batches: Group[][]) =>
    batches.reduce((total, batch) => total + rows(batch, sequences).total, 0);
  return (cost(byGroup) <= cost(byLength) ? byGroup : byLength).map((batch) => lay(batch, sequences));
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

function rows(batch: readonly Group[], sequences: readonly Sequence[]) {
  const prompts = new Set(batch.map((group) => group.prompt)).size;
  const members = batch.flatMap((group) => group.members);
  const promptLength = Math.max(1, ...batch.map((group) => group.prompt.length - 1));
  const answerLength = Math.max(...members.map((member) => sequences[member].completion.length));
  return {
    prompts,
    promptLength,
    answerLength,
    total: prompts * promptLength + members.length * answerLength,
  };
}

/** Answers in order, as many to a batch as the budget holds. */
function fill(groups: readonly Group[], sequences: readonly Sequence[], budget: number): Group[][] {
  const batches: Group[][] = [];
  let batch: Group[] = [];
  for (const { prompt, members } of groups)
    for (const member of members) {
      const last = batch.at(-1);
      const joined =
        last?.prompt === prompt
          ? [...batch.slice(0, -1), { prompt, members: [...last.members, member] }]
          : [...batch, { prompt, members: [member] }];
      if (batch.length > 0 && rows(joined, sequences).total > budget) {
        batches.push(batch);
        batch = [{ prompt, members: [member] }];
      } else batch = joined;
    }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

function lay(batch: readonly Group[], sequences: readonly Sequence[]): MicroBatch {
  const { promptLength: S, answerLength: T } = rows(batch, sequences);
  const prompts = [...new Set(batch.map((group) => group.prompt))];
  const members = batch.flatMap((group) => group.members);
  const owners = batch.flatMap((group) => group.members.map(() => prompts.indexOf(group.prompt)));
  const P = prompts.length;
  const A = members.length;
  const tokens = new Int32Array(P * S + A * T);
  const promptPosition = new BigInt64Array(P * S);
  prompts.forEach((prompt, p) => {
    tokens.set(prompt.subarray(0, prompt.length - 1), p * S);
    for (let s = 0; s < S; s++) promptPosition[p * S + s] = BigInt(s);
  });
  const targets = new Int32Array(A * T);
  const answerPosition = new BigInt64Array(A * T);
  const answerMask = new Float32Array(A * T * (S + T)).fill(HIDDEN);
  members.forEach((member, a) => {
    const { prompt, completion } = sequences[member];
    const seen = prompt.length - 1;
    targets.set(completion, a * T);
    tokens[P * S + a * T] = prompt[seen];
    tokens.set(completion.subarray(0, completion.length - 1), P * S + a * T + 1);
    for (let t = 0; t < T; t++) {
      answerPosition[a * T + t] = BigInt(seen + t);
      const row = (a * T + t) * (S + T);
      answerMask.fill(0, row, row + seen);
      answerMask.fill(0, row + S, row + S + t + 1);
    }
  });
  return {
    members,
    prompts: P,
    promptLength: S,
    answerLength: T,
    tokens,
    targets,
    lengths: Int32Array.from(members, (member) => sequences[member].completion.length),
    promptPosition,
    answerPosition,
    owner: BigInt64Array.from(owners, BigInt),
    causal: causalMask(S),
    answerMask,
  };
}

/** [n, n]: each row sees itself and what came before. */
export function causalMask(n: number): Float32Array {
  const mask = new Float32Array(n * n);
  for (let row = 0; row < n; row++) mask.fill(HIDDEN, row * n + row + 1, (row + 1) * n);
  return mask;
}
