/**
 * Token records: what a step did to each token of a few groups, for whoever reads what a mistake taught.
 *
 *   scored rollouts, the reports of their updates  →  lines of tokens.jsonl
 *
 * Chosen are the groups with the wrong answer that was pushed down most: the one whose pushes have the greatest sum.
 * The push is the engine's own; only the log-probs after the step are asked for here, of the chosen groups alone.
 */
import type { Score, TokenGradient, UpdateReport } from "../engine/engine.ts";
import type { AnswerTokens, TokenRecord } from "../run/records.ts";
import type { Gathered } from "./collect-groups.ts";
import { readBy } from "./groups/columns.ts";
import { type ScoredRollout, sequenceOf } from "./groups/examples.ts";
import type { MiniBatchSize } from "./objectives/aggregation.ts";
import { digits } from "./rollout-lines.ts";
import { TextStream } from "./rollouts/text-stream.ts";
import type { TrainSession } from "./session/train-session.ts";

/** A rollout as it was learnt from. */
export interface LearntRollout {
  readonly scored: ScoredRollout;
  /** Of the mini-batch it was in. */
  readonly batch: MiniBatchSize;
  readonly lossScale: number;
  /** One for each update that learnt from it, where the engine tells. */
  readonly updates: readonly TokenGradient[];
}

/** Each rollout of a step with its part of the reports: `passes` times over all mini-batches, one after the other. */
export function updatesOf(reports: readonly UpdateReport[], passes: number): (readonly TokenGradient[])[] {
  const batches = reports.length / passes;
  const ofPass = Array.from({ length: passes }, (_, pass) =>
    reports.slice(pass * batches, (pass + 1) * batches).flatMap(({ perToken }) => perToken ?? []),
  );
  return ofPass[0]!.map((_, i) => ofPass.map((own) => own[i]!));
}

/** @returns the records of at most `logged_groups` groups, those of the greatest push first */
export async function tokenRecords(
  session: TrainSession,
  step: number,
  gathered: Gathered,
  rollouts: readonly LearntRollout[],
): Promise<TokenRecord[]> {
  const { options, tell } = session;
  const chosen = hardestPushed(rollouts).slice(0, options.loggedGroups);
  if (chosen.length === 0) return [];
  return tell.timed("token_records", step, async () => {
    const sequences = chosen.flat().map(({ scored }) => sequenceOf(scored.rollout));
    const after = await session.engine.score(sequences, options.temperature);
    let next = 0;
    return chosen.map((group): TokenRecord => {
      const [{ scored, batch, lossScale }] = group as [LearntRollout];
      const { problem } = scored.rollout;
      const { drawn } = gathered.all.find((one) => one.group === gathered.kept[scored.columns.group])!;
      return {
        ...{ step, problem: problem.id, draw: drawn.draw },
        ...{ objective: session.objective.name, lossScale, batch },
        answers: group.map((one) => answerTokens(session, one, after[next++]!)),
      };
    });
  });
}

/** Groups by their wrong answer of the greatest push, the first kept first among equals. */
function hardestPushed(rollouts: readonly LearntRollout[]): LearntRollout[][] {
  const groups = new Map<number, { readonly members: LearntRollout[]; push: number }>();
  for (const one of rollouts) {
    const { group, right } = one.scored.columns;
    const own = groups.get(group) ?? { members: [], push: Number.NEGATIVE_INFINITY };
    groups.set(group, own);
    own.members.push(one);
    const [first] = one.updates;
    if (right === 0 && first !== undefined)
      own.push = Math.max(
        own.push,
        first.push.reduce((sum, push) => sum + push, 0),
      );
  }
  // a difference of two infinities is no number
  const order = (a: number, b: number) => (a === b ? 0 : b - a);
  return [...groups.values()].sort((a, b) => order(a.push, b.push)).map(({ members }) => members);
}

function answerTokens(
  { tokenizer, objective }: TrainSession,
  { scored, updates }: LearntRollout,
  after: Score,
): AnswerTokens {
  const { rollout, columns } = scored;
  return {
    index: rollout.index,
    verdict: columns.right === 1 ? "right" : "wrong",
    reward: columns.reward,
    columns: readBy(objective.columns, columns),
    tokens: [...rollout.tokens],
    pieces: piecesOf(new TextStream(tokenizer), rollout.tokens),
    logpsOld: Array.from(scored.logpsOld, digits),
    ...(rollout.entropies && { entropies: Array.from(rollout.entropies, digits) }),
    ...(updates.length > 0 && {
      updates: updates.map(({ logps, push }) => ({
        logps: Array.from(logps, digits),
        push: Array.from(push, exactly),
      })),
    }),
    logpsAfter: Array.from(after.logps, digits),
  };
}

/** A float32 in as few digits as say it; nine always do. */
function exactly(value: number): number {
  for (const precision of [4, 7, 8]) {
    const short = Number(value.toPrecision(precision));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}

function piecesOf(stream: TextStream, tokens: Int32Array): string[] {
  const pieces = Array.from(tokens, (token) => stream.push(token));
  pieces[pieces.length - 1] += stream.finish();
  return pieces;
}
