/** Answers of a group in the same words, as one. */
import type { ComparedAnswer } from "../../../commands/watch/groups.ts";
import type { AnswerTokens } from "../../../run/records.ts";
import { pushOf } from "./shades.ts";

export interface MergedAnswer {
  readonly answer: ComparedAnswer;
  readonly times: number;
  readonly tokens: AnswerTokens | undefined;
  /** How hard it was pushed down, all tokens together; below 0 it was pushed up. */
  readonly down: number | undefined;
}

export function mergedAnswers(
  answers: readonly ComparedAnswer[],
  tokensOf: (index: number) => AnswerTokens | undefined,
): MergedAnswer[] {
  const alike = Map.groupBy(answers, ({ record: { text, stop, because } }) =>
    JSON.stringify([text, stop, because]),
  );
  return [...alike.values()].map((same) => {
    const tokens = tokensOf(same[0]!.record.index);
    const push = tokens && pushOf(tokens);
    const down = push?.[0] === undefined ? undefined : push.reduce<number>((sum, one) => sum + one!, 0);
    return { answer: same[0]!, times: same.length, tokens, down };
  });
}
