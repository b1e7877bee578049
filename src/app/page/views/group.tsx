/** One group: right answers left, wrong ones right, errors below; what the step did to each token. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { groupsOf } from "../../../commands/watch/groups.ts";
import type { AnswerTokens } from "../../../run/records.ts";
import type { StepGroup } from "../records.ts";
import { type MergedAnswer, mergedAnswers } from "./merged-answers.ts";
import { here, place } from "./place.ts";
import { type Shading, shadesOf, shadings, shadingWords, tokenLines } from "./shades.ts";
import { Strip } from "./strip.tsx";
import { Text, Visible } from "./text.tsx";
import { Tokens } from "./tokens.tsx";
import { many, number } from "./words.ts";

export function Group({ group: { rollouts, tokens: record, pushes } }: { readonly group: StepGroup }) {
  const { params } = place.value;
  const shading = (Object.hasOwn(shadings, params.colour ?? "") ? params.colour : "push") as Shading;
  const by =
    shading === "push" && pushes !== undefined && Object.hasOwn(pushes, params.by ?? "")
      ? params.by
      : undefined;
  const [pointed, setPointed] = useState<{ answer: AnswerTokens; token: number }>();
  const tokensOf = (index: number) => record?.answers.find((one) => one.index === index);
  // only a record of tokens has their texts: without one, characters are compared
  const [group] = groupsOf(
    rollouts.map(({ tokens: _, ...rest }) => ({ ...rest, ...(record && pick(tokensOf(rest.index))) })),
  );
  const shadesBy = (one: AnswerTokens) =>
    shadesOf(shading, one, by === undefined ? undefined : pushes![by]![record!.answers.indexOf(one)]);
  const most = Math.max(0, ...(record?.answers ?? []).flatMap(shadesBy).map((value) => Math.abs(value ?? 0)));
  const { reference, prompt, right, wrong, errors, shared, solveRate } = group!;
  const wrongs = mergedAnswers(wrong, tokensOf).sort((a, b) => (b.down ?? 0) - (a.down ?? 0));
  const hardest = wrongs.find(({ down }) => down !== undefined && down > 0);
  const card = (one: MergedAnswer) => (
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
        {solveRate !== null && `; solve rate ${number(solveRate)}`};{" "}
        {group!.kept
          ? `learnt from${record ? ` by ${record.objective}` : ", its tokens not recorded"}`
          : "not learnt from"}
      </p>
      {record && <Choices shading={shading} by={by} />}
      <div class="columns">
        <div>
          <h2>Right</h2>
          {mergedAnswers(right, tokensOf).map(card)}
          {right.length === 0 && <p class="quiet">none</p>}
        </div>
        <div>
          <h2>Wrong</h2>
          {wrongs.map(card)}
          {wrong.length === 0 && <p class="quiet">none</p>}
        </div>
      </div>
      {errors.length > 0 && <h2>Errors, never learnt from</h2>}
      {mergedAnswers(errors, tokensOf).map(card)}
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

const pick = (answer?: AnswerTokens) => answer && { tokens: answer.tokens };

/** Longer texts are folded whole. */
const LONG = 4000;

interface AnswerProps {
  readonly shown: MergedAnswer;
  readonly isHardest: boolean;
  readonly children: JSX.Element;
}

function Answer({ shown: { answer, times, down }, isHardest, children }: AnswerProps) {
  const { verdict, because, index } = answer.record;
  return (
    <article class={`answer ${verdict}`}>
      <p class="said">
        <b>#{index}</b> {times > 1 && <span>×{times}</span>}{" "}
        {isHardest && <b class="hardest">pushed down hardest</b>}{" "}
        <span class="quiet">{answer.isCutOff ? "cut off" : verdict === "right" ? "" : because}</span>
        {down !== undefined && <span class="sum">push {number(down)}</span>}
      </p>
      {children}
    </article>
  );
}

/** A text without tokens, parted where it leaves its nearest right answer. */
function Parted({ text, at = text.length }: { readonly text: string; readonly at: number | undefined }) {
  if (at >= text.length || text.length > LONG) return <Text text={text} />;
  return (
    <p class="text" dir="ltr">
      <Visible text={text.slice(0, at)} />
      <span class="leaves">
        <Visible text={text.slice(at)} />
      </span>
    </p>
  );
}
