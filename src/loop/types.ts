/**
 * What a step is made of, in the order it is made:
 *
 *   problem → rollout → judged rollout → group → example (engine.ts) → line of steps.jsonl (records.ts)
 */
import type { Completion } from "../engine/engine.ts";

/** One turn of a conversation. */
export interface Message {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string;
  /** What else a chat template reads of it: `name`, `tool_calls`, `tool_call_id`. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Something to answer, and what a verifier needs to judge the answer. */
export interface Problem {
  /** Unique in its data set; a row without one is named by its place. */
  readonly id: string;
  /** The question, or a conversation that ends with it. */
  readonly prompt: string | readonly Message[];
  /** The reference answer. */
  readonly answer: string;
  /** A worked solution, for a cold start. */
  readonly solution?: string;
  /** What else the row held, for verifiers that need more (tests, units, kinds). */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** A row or a problem that a run does not use. */
export interface LeftOut {
  /** The file or data set it is in. */
  readonly where: string;
  /** Its place there: `line 3`, `row 3` or `problem aime24-7`. */
  readonly what: string;
  /** In words that go on from there: `has no answer`. */
  readonly because: string;
}

/** One sampled answer to a problem, with its text as the verifier reads it. */
export interface Rollout extends Completion {
  readonly problem: Problem;
  /** The tokens that asked it. */
  readonly prompt: Int32Array;
  /** Which of the group's answers this is, from 0. */
  readonly index: number;
  readonly text: string;
}

/**
 * What a verifier concluded. An error is no signal: it is counted and shown, never trained on, and a
 * budget of them stops the run.
 *
 * `because` is the reason in words, `extracted` what was taken for the answer. `score`, in [0, 1], is how good
 * the answer is beside right or wrong: the reward of the algorithms that learn from advantages.
 */
export type Verdict =
  | {
      readonly kind: "right";
      readonly because?: string;
      readonly extracted?: string;
      readonly score?: number;
      /** It was the other, and verifier_noise turned it. */
      readonly isTurned?: true;
    }
  | {
      readonly kind: "wrong";
      readonly because: string;
      readonly extracted?: string;
      readonly score?: number;
      /** It may mean two things, of which one would be right: an evaluation counts it. */
      readonly isAmbiguous?: true;
      readonly isTurned?: true;
    }
  /** `isLate`: it gave no verdict in its time. `isUnread`: it threw what a parser throws at a text of another form. */
  | { readonly kind: "error"; readonly because: string; readonly isLate?: true; readonly isUnread?: true };

/** A score in [0, 1] alone, right from `score_threshold` on. */
export interface Scored {
  readonly score: number;
  readonly because?: string;
  readonly extracted?: string;
}

/** What may be said of an answer: a verdict, true for right and false for wrong, or a score, with or without its reason. */
export type GivenVerdict = Verdict | Scored | boolean | number;

/** Judges one answer. May throw or hang: either becomes an `error`. */
export type Judge = (problem: Problem, answer: string) => GivenVerdict | Promise<GivenVerdict>;

/** Work left for the comparisons of one majority vote; one that is costly takes from it, and gives up at 0. */
export interface Vote {
  fuel: number;
}

/** What judges answers. All that is known of a verifier is here; nothing is told from its name. */
export interface Verifier {
  readonly name: string;
  readonly judge: Judge;
  /**
   * Whether two extracted answers say the same, for the majority vote of maj@k; never asked of two of the same
   * text. Left out, answers are the same where their texts are.
   */
  readonly sameAnswer?: (one: string, other: string, vote: Vote) => boolean;
  /** Whether it looks at `problem.answer`. False: rows need no answer. Left out: nobody knows. */
  readonly readsReference?: boolean;
  /**
   * Answers that say a problem's reference in the form it asks for, one of which it should call right: what is tried
   * before a run. Empty where the row has nothing to try. Left out, the usual forms are tried.
   */
  readonly goldForms?: (problem: Problem) => readonly string[];
}

/** A rollout with what was concluded of it: the record that groups hold, and that grows by what is learnt from it. */
export interface JudgedRollout {
  readonly rollout: Rollout;
  readonly verdict: Verdict;
}

/** The rollouts of one problem, side by side. */
export interface Group {
  readonly problem: Problem;
  readonly rollouts: readonly JudgedRollout[];
  /** r̂: right answers / (right + wrong), in [0, 1]; NaN where every verdict is an error. */
  readonly solveRate: number;
}
