/**
 * A program put to its tests, one after another, until one fails.
 *
 * Calls share a sandbox, runs have one each. A test has the fuel of the limits, and all together a few times as much.
 */

import { sameOutput } from "./same-output.ts";
import { sameResult } from "./same-result.ts";
import { Sandbox, type SandboxLimits } from "./sandbox.ts";
import { asScript, type Program } from "./script.ts";
import type { Call, Tests } from "./tests.ts";

/** Fuel for all tests, in that of one. */
const FUEL_FOR_ALL = 4;

/** @returns the first failure in words, undefined where every test passes */
export function firstFailure(
  program: Program,
  tests: Tests,
  limits: SandboxLimits,
): Promise<string | undefined> {
  return tests.kind === "calls" ? failedCall(program, tests, limits) : failedRun(program, tests, limits);
}

async function failedCall(
  program: Program,
  { entry, calls }: Tests & { readonly kind: "calls" },
  limits: SandboxLimits,
): Promise<string | undefined> {
  const sandbox = await Sandbox.open(limits, { input: "", isMain: false });
  let left = limits.fuel * FUEL_FOR_ALL;
  const script = await asScript(program, [entry], (text) => sandbox.faultOfScript(text));
  if (typeof script !== "string") return script.fault;
  const call = sandbox.define(script, entry);
  if ("fault" in call) return call.fault;
  for (const test of calls) {
    const given = JSON.stringify(test.args);
    sandbox.fuel = Math.min(left, limits.fuel);
    left -= sandbox.fuel;
    const outcome = call(given);
    left += sandbox.fuel;
    const shown = `${entry}(${cut(given.slice(1, -1))})`;
    if ("fault" in outcome) return `${shown}: ${outcome.fault}`;
    if (!isExpected(outcome.json, test))
      return `${shown} gives ${cut(outcome.json ?? "undefined")}, not ${cut(JSON.stringify(test.expected[0]))}`;
  }
  return undefined;
}

async function failedRun(
  program: Program,
  { runs }: Tests & { readonly kind: "runs" },
  limits: SandboxLimits,
): Promise<string | undefined> {
  let script: string | undefined;
  let left = limits.fuel * FUEL_FOR_ALL;
  for (const [i, { input, output }] of runs.entries()) {
    const fuel = Math.min(left, limits.fuel);
    const sandbox = await Sandbox.open({ ...limits, fuel }, { input, isMain: true });
    if (script === undefined) {
      const made = await asScript(program, [], (text) => sandbox.faultOfScript(text));
      if (typeof made !== "string") return made.fault;
      script = made;
    }
    const outcome = sandbox.print(script);
    const shown = `test ${i + 1} of ${runs.length}`;
    if ("fault" in outcome) return `${shown}: ${outcome.fault}`;
    if (!sameOutput(outcome.printed, output))
      return `${shown} prints ${cut(JSON.stringify(outcome.printed))}, not ${cut(JSON.stringify(output))}`;
    left -= fuel - sandbox.fuel;
  }
  return undefined;
}

const cut = (text: string): string => text.slice(0, 200);

function isExpected(json: string | undefined, { expected }: Call): boolean {
  return json !== undefined && expected.some((one) => sameResult(json, one));
}
