/** One group: right answers left, wrong ones right, errors below; what the step did to each token. */
import { useState } from "preact/hooks";
import { type ComparedAnswer, groupsOf } from "../../../commands/watch/groups.ts";
import type { AnswerTokens } from "../../../run/records.ts";
import type { StepGroup } from "../records.ts";
import { here, place } from "./place.ts";
import { pushOf, type Shading, shadesOf, shadings, shadingWords, tokenLines } from "./shades.ts";
import { Strip } from "./strip.tsx";
import { Text, Visible } from "./text.tsx";
import { Tokens } from "./tokens.tsx";
import { many, number } from "./words.ts";

/** Answers in the same words stand once. */
interface Shown {
  readonly answer: ComparedAnswer;
  readonly times: number;
  readonly tokens: AnswerTokens | undefined;
  /** How hard it was pushed down, all tokens together; below 0 it was pushed up. */
  readonly down: number | undefined;
}

export function Group({ group: { rollouts, tokens: record, pushes } }: { readonly group: StepGroup }) {
  const { params } = place.value;
  const shading = (Object.hasOwn(shadings, params.colour ?? "") ? params.colour : "push") as Shading;
  const by =
    shading === "push" && pushes !== undefined && Object.hasOwn(pushes, params.by ?? "")
      ? params.by
      : undefined;
  const [pointed, setPointed] = useState<{ answer: AnswerTokens; token: number }>();
  // without a record of tokens there are no texts of theirs: then characters are compared
  const [group] = groupsOf(record ? rollouts : rollouts.map(({ tokens: _, ...rest }) => rest));
  const tokensOf = (index: number) => record?.answers.find((one) => one.index === index);
  const shadesBy = (one: AnswerTokens) =>
    shadesOf(shading, one, by === undefined ? undefined : pushes![by]![record!.answers.indexOf(one)]);
  const most = Math.max(0, ...(record?.answers ?? []).flatMap(shadesBy).map((value) => Math.abs(value ?? 0)));
  const { reference, prompt, right, wrong, errors, shared, solveRate } = group!;
  const wrongs = merged(wrong, tokensOf).sort((a, b) => (b.down ?? 0) - (a.down ?? 0));
  const hardest = wrongs.find(({ down }) => down !== undefined && down > 0);
  const card = (one: Shown) => (
    <Answer key={one.answer.record.index} shown={one} isHardest={one === hardest}>
      {one.tokens ? (
        <Tokens
          answer={one.tokens}
          shades={shadesBy(one.tokens)}
          most={most}
          shared={shared}
          leaves={one.answer.leaves?.at}
          onPoint={(token) => setPointed({ answer: one.tokens!, token })}
        />
      ) : (
        <Parted text={one.answer.record.text} at={one.answer.leaves?.at} />
      )}
    </Answer>
  );
  return (
    <section aria-label={`Group of ${group!.problem}`}>
      <h2>
        <Visible text={group!.problem} />
      </h2>
      <Text text={prompt} />
      <p class="quiet">
        reference <Visible text={reference} />; {right.length} right, {wrong.length} wrong
        {errors.length > 0 && `, ${many(errors.length, "error")}`}
        {solveRate !== null && `; solve rate ${number(solveRate)}`}
        {record
          ? `; learnt from by ${record.objective}`
          : group!.kept
            ? "; learnt from, its tokens were not recorded"
            : "; not learnt from"}
      </p>
      {record && <Choices shading={shading} by={by} />}
      <div class="columns">
        <div>
          <h2>Right</h2>
          {merged(right, tokensOf).map(card)}
          {right.length === 0 && <p class="quiet">none</p>}
        </div>
        <div>
          <h2>Wrong</h2>
          {wrongs.map(card)}
          {wrong.length === 0 && <p class="quiet">none</p>}
        </div>
      </div>
      {errors.length > 0 && (
        <>
          <h2>Errors, never learnt from</h2>
          {merged(errors, tokensOf).map(card)}
        </>
      )}
      {record && pushes && <Strip record={record} pushes={pushes} chosen={by} />}
      <div class="numbers" role="status">
        {pointed && record && (
          <>
            <b>
              <Visible text={pointed.answer.pieces[pointed.token] || "·"} />
            </b>
            {tokenLines(record, pointed.answer, pointed.token).map((line) => (
              <span key={line}>{line}</span>
            ))}
          </>
        )}
      </div>
    </section>
  );
}

function merged(
  answers: readonly ComparedAnswer[],
  tokensOf: (index: number) => AnswerTokens | undefined,
): Shown[] {
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

function Choices({ shading, by }: { readonly shading: Shading; readonly by: string | undefined }) {
  return (
    <p class="choices">
      {Object.entries(shadings).map(([name, words]) => (
        <a key={name} href={here({ colour: name, by: undefined })} aria-current={name === shading}>
          {words}
        </a>
      ))}
      <span class="quiet">{by ? `push, had ${by} learnt from it` : shadingWords[shading]}</span>
    </p>
  );
}

function Answer({
  shown: { answer, times, down },
  isHardest,
  children,
}: {
  readonly shown: Shown;
  readonly isHardest: boolean;
  readonly children: preact.ComponentChildren;
}) {
  const {
    record: { verdict, because, index },
    isCutOff,
  } = answer;
  return (
    <article class={`answer ${verdict}`}>
      <p class="said">
        <b>#{index}</b> {times > 1 && <span>×{times}</span>}{" "}
        {isHardest && <b class="hardest">pushed down hardest</b>}{" "}
        <span class="quiet">{isCutOff ? "cut off" : verdict === "right" ? "" : because}</span>
        {down !== undefined && <span class="sum">push {number(down)}</span>}
      </p>
      {children}
    </article>
  );
}

/** A text without tokens, parted where it leaves its nearest right answer. */
function Parted({ text, at }: { readonly text: string; readonly at: number | undefined }) {
  if (at === undefined || at > 1000) return <Text text={text} />;
  return (
    <p class="text" dir="ltr">
      <Visible text={text.slice(0, at)} />
      <span class="leaves" title="here it leaves its nearest right answer">
        <Text text={text.slice(at)} />
      </span>
    </p>
  );
}
