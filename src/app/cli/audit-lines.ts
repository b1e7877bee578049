/**
 * The lines of an audit: what another judge says of a run's answers, and which attacks its own takes.
 */
import { attackMeanings } from "../../commands/audit/attacks.ts";
import type { AuditReport } from "../../commands/audit/audit.ts";
import type { Rejudged } from "../../commands/audit/rejudge.ts";
import { printable } from "../../errors.ts";
import { wrap } from "./columns.ts";
import { answerLines } from "./rollout-lines.ts";
import { bold, faint } from "./terminal.ts";

/** Steps, and answers judged otherwise, that are printed; `--json` has all that are kept. */
const [MOST_STEPS, MOST_CHANGED] = [8, 5];

const MARGIN = 11;

export function auditLines(report: AuditReport, width: number): string[] {
  const { run, verifier, answers, cutOff, again, other, attacks, steps, readsReference, notes } = report;
  const cut = cutOff === 0 ? "" : `, ${cutOff} of them cut off and wrong by all`;
  const named = (name: string, text: string) => {
    const lines = wrap(printable(text), width, MARGIN).slice(MARGIN);
    return bold(name) + " ".repeat(Math.max(1, MARGIN - name.length)) + lines;
  };
  return [
    named("run", `${run}: ${answers} answers in ${steps.length} steps${cut}, judged by ${verifier}`),
    ...notes.map((note) => faint(wrap(printable(note), width))),
    named("again", difference(again, answers)),
    other === undefined
      ? named("other", "no other judge is known for it: name one with --verifier")
      : named("other", `by ${other.verifier}: ${difference(other, answers)}`),
    "",
    ...rateLines(report),
    "",
    bold(`attacks on ${printable(verifier)}: problems where it calls one right`),
    ...attacks.map(
      ({ attack, taken, tried }) =>
        `${`${taken} of ${tried}`.padStart(MARGIN - 1)}  ${attack.padEnd(17)} ${faint(attackMeanings[attack])}`,
    ),
    ...attacks.flatMap(({ attack, example }) =>
      example === undefined
        ? []
        : [
            `${attack}: problem ${printable(example.problem)}, reference ${printable(example.reference)}`.slice(
              0,
              width,
            ),
            ...answerLines(
              "right",
              example.text === "" ? "(nothing)" : example.text,
              undefined,
              width,
              false,
              3,
            ),
          ],
    ),
    ...(readsReference === false
      ? [wrap("It reads no reference, so that what has the form is right whatever it says.", width)]
      : []),
    ...changedLines("again", again, width),
    ...(other === undefined ? [] : changedLines(`by ${other.verifier}`, other, width)),
  ];
}

function difference({ rightHereAlone, rightThereAlone, errors, others }: Rejudged, answers: number): string {
  if (others === 0) return `the same verdict on all ${answers}`;
  const without = errors === 0 ? "" : `, ${errors} without a verdict`;
  return `${rightHereAlone} right that the run calls otherwise, ${rightThereAlone} not right that the run calls right${without}`;
}

/** Shares of right answers as they were and would have been: of the first steps, the last ones and all. */
function rateLines({ steps, all, other }: AuditReport): string[] {
  const percent = (rate: number | undefined) =>
    (rate === undefined ? "–" : `${(100 * rate).toFixed(1)}%`).padStart(8);
  const cells = (name: string, { was, again, other: beside }: AuditReport["all"]) =>
    name.padEnd(MARGIN) + percent(was) + percent(again) + (other === undefined ? "" : percent(beside));
  const half = MOST_STEPS / 2;
  const shown = steps.length <= MOST_STEPS ? steps : [...steps.slice(0, half), ...steps.slice(-half)];
  const head =
    "right".padEnd(MARGIN) +
    ["run", "again", ...(other === undefined ? [] : ["other"])].map((name) => name.padStart(8)).join("");
  return [bold(head), ...shown.map((one) => cells(`step ${one.step}`, one)), cells("all", all)];
}

/** Each answer once, however often it was given. */
function changedLines(name: string, { others, changed }: Rejudged, width: number): string[] {
  const different = [...new Map(changed.map((one) => [`${one.problem} ${one.text}`, one])).values()];
  if (different.length === 0) return [];
  const more = others > MOST_CHANGED ? [`of ${others} in all; --json has the first ${changed.length}`] : [];
  return [
    "",
    bold(`judged otherwise ${printable(name)}`),
    ...different
      .slice(0, MOST_CHANGED)
      .flatMap(({ step, problem, reference, text, was, is, because }) => [
        `step ${step}, problem ${printable(problem)}, reference ${printable(reference)}: ${was}, now ${is}`.slice(
          0,
          width,
        ),
        ...answerLines("", text, because, width, false, 2),
      ]),
    ...more,
  ];
}
