import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { evaluate } from "../../src/commands/evaluation/evaluate.ts";
import {
  DataError,
  ErrataError,
  ModelError,
  OptionError,
  RunError,
  VerifierError,
} from "../../src/errors.ts";
import type { TrainOptions } from "../../src/loop/session/given-values.ts";
import { sft } from "../../src/loop/sft.ts";
import { train } from "../../src/loop/train.ts";
import type { UserVerifier } from "../../src/loop/verdicts/as-verifier.ts";
import type { RunEvent } from "../../src/run/events.ts";
import type { RolloutRecord, StepRecord } from "../../src/run/records.ts";
import { processorTime } from "../processor-time.ts";
import { runTrain } from "./spawn.ts";
import { tinyRun, verifier } from "./tiny.ts";

// many short runs, on a machine that may be busy with others
vi.setConfig({ testTimeout: 240_000 });

async function fault(act: Promise<unknown>): Promise<ErrataError> {
  try {
    await act;
  } catch (error) {
    if (error instanceof ErrataError) return error;
    throw error;
  }
  throw new Error("no error was thrown");
}

function linesOf<T>(folder: string, file: string): T[] {
  const text = readFileSync(join(folder, file), "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);
}

/** Whether every user may pass through a folder and those above it. */
function isOpenToAll(folder: string): boolean {
  const isOpen = (statSync(folder).mode & 0o005) === 0o005;
  return isOpen && (dirname(folder) === folder || isOpenToAll(dirname(folder)));
}

describe("a data set", () => {
  test("that is empty, or has a problem without an answer, stops before a folder is made", async () => {
    const { folder, options } = await tinyRun();
    writeFileSync(options.dataset!, "");
    const empty = await fault(train(options));
    expect(empty).toBeInstanceOf(DataError);
    expect(empty.got).toBe("none");
    writeFileSync(options.dataset!, '{"problem":"1+1=?"}\n{"problem":"2+2=?"}\n');
    const unanswered = await fault(train({ ...options, verifier: "math" }));
    expect(unanswered.got).toMatch(/^line 1 has no answer.*; the same for line 2/);
    expect(existsSync(options.outputDir!)).toBe(false);
    rmSync(folder, { recursive: true });
  });

  test("has its bad rows and long prompts counted, and listed in the run's folder", async () => {
    const { folder, options } = await tinyRun();
    const long = `${"1+".repeat(40)}1`;
    const rows = ['{"problem":"1+1=?","answer":"2"}', "{oops", '{"problem":"2+2=?"}'];
    rows.push(
      '{"problem":"2+1=?","answer":"3"}',
      JSON.stringify({ id: "long", problem: long, answer: "41" }),
    );
    writeFileSync(options.dataset!, `${rows.join("\n")}\n`);
    const told: string[] = [];
    await train(
      { ...options, verifier: "math", maxSteps: 1 },
      { onEvent: (event) => event.kind === "warning" && told.push(event.text) },
    );
    expect(told[0]).toMatch(/^problems: 2 rows are left out: line 2 is not JSON; line 3 has no answer/);
    expect(told[1]).toBe("problems: 1 of 3 problems left out, their prompts are longer than 16 tokens");
    expect(linesOf(options.outputDir!, "left-out.jsonl")).toEqual([
      { where: options.dataset, what: "line 2", because: "is not JSON" },
      { where: options.dataset, what: "line 3", because: expect.stringMatching(/^has no answer/) },
      {
        where: "problems",
        what: "problem long",
        because: expect.stringMatching(/^has a prompt of \d+ tokens/),
      },
    ]);
    rmSync(folder, { recursive: true });
  });

  test("leaves out prompts longer than the model holds, and stops where none is left", async () => {
    const { folder, options } = await tinyRun();
    const row = (problem: string) => `${JSON.stringify({ problem, answer: "2" })}\n`;
    writeFileSync(options.dataset!, row("1+1=?") + row(`${"1+".repeat(40)}1`));
    const warnings: string[] = [];
    await train(
      { ...options, maxSteps: 1 },
      { onEvent: (event) => event.kind === "warning" && warnings.push(event.text) },
    );
    expect(warnings).toEqual(["problems: 1 of 2 problems left out, their prompts are longer than 16 tokens"]);

    writeFileSync(options.dataset!, row(`${"1+".repeat(40)}1`));
    const error = await fault(train({ ...options, outputDir: join(folder, "other") }));
    expect(error).toBeInstanceOf(DataError);
    expect(error.expected).toMatch(
      /at most 16 tokens \(the model holds 64, of which an answer may take 48\)/,
    );
    expect(error.got).toBe("1 problems, the shortest of 82 tokens");
    expect(error.next).toMatch(/^Lower max_completion_length/);
    const solutions = await fault(
      sft({ model: options.model!, dataset: options.dataset!, outputDir: join(folder, "c") }),
    );
    expect(solutions.got).toMatch(/^line 1 has no solution/);
    rmSync(folder, { recursive: true });
  });
});

describe("a problem that the model cannot be asked", () => {
  const talk = (...roles: string[]) => roles.map((role) => ({ role, content: "1+1=?" }));
  const row = (id: string, problem: unknown) => `${JSON.stringify({ id, problem, answer: "2" })}\n`;

  test("is left out and listed, and the others are learnt from", async () => {
    const { folder, options } = await tinyRun();
    const strict =
      "{% if messages | length > 1 %}{{ raise_exception('one turn') }}{% endif %}{{ messages[0].content }}";
    writeFileSync(join(options.model!, "chat_template.jinja"), strict);
    const good = row("good", talk("user"));
    writeFileSync(options.dataset!, row("bad", talk("user", "user")) + good);
    const warnings: string[] = [];
    await train(
      { ...options, maxSteps: 1 },
      { onEvent: (event) => event.kind === "warning" && warnings.push(event.text) },
    );
    expect(warnings).toEqual([
      "problems: 1 of 2 problems left out; problem bad cannot be asked: expected a chat template that renders these messages, got one turn",
    ]);
    expect(linesOf(options.outputDir!, "left-out.jsonl")).toEqual([
      {
        where: "problems",
        what: "problem bad",
        because: expect.stringMatching(/^cannot be asked: .*one turn$/),
      },
    ]);
    rmSync(folder, { recursive: true });
  });

  test("is the error where there is no other", async () => {
    const { folder, options } = await tinyRun();
    writeFileSync(join(options.model!, "chat_template.jinja"), "{{ raise_exception('no') }}");
    const none = await fault(train(options));
    expect(none).toBeInstanceOf(ModelError);
    expect(none.got).toBe("no");
    rmSync(folder, { recursive: true });
  });

  test("holds up nothing where the template never ends", async () => {
    const { folder, options } = await tinyRun();
    const endless = "{% for i in range(60000) %}{% for j in range(60000) %}{% endfor %}{% endfor %}";
    writeFileSync(join(options.model!, "chat_template.jinja"), endless);
    const seconds = processorTime();
    expect((await fault(train(options))).got).toMatch(/more work/);
    // two renderings, and not one for each of twelve problems
    expect(seconds()).toBeLessThan(10);
    rmSync(folder, { recursive: true });
  });
});

describe("a model", () => {
  test("that is not there, or has no chat template where one is asked for, is named", async () => {
    const { folder, options } = await tinyRun();
    expect(await fault(train({ ...options, model: join(folder, "none") }))).toBeInstanceOf(ModelError);
    const error = await fault(train({ ...options, outputDir: join(folder, "b"), promptFormat: "chat" }));
    expect(error).toBeInstanceOf(OptionError);
    expect(error.next).toMatch(/^This is a base model/);
    rmSync(folder, { recursive: true });
  });
});

describe("verdicts", () => {
  test("that are all wrong for ever end the run cleanly, with everything saved", async () => {
    const { folder, options } = await tinyRun();
    const result = await train({
      ...options,
      verifier: verifier("never"),
      filterGroupsMaxNumGenBatches: 2,
      maxEmptySteps: 2,
    });
    expect(result).toMatchObject({ reason: "nothing-to-learn", steps: 2 });
    expect(linesOf<StepRecord>(options.outputDir!, "steps.jsonl").map(({ skipped }) => skipped)).toEqual(
      Array(2).fill("no problem of 8 in 2 rounds was solved in part: 8 solved by no answer, 0 by all"),
    );
    expect(linesOf<RolloutRecord>(options.outputDir!, "rollouts.jsonl")).toHaveLength(2 * 8 * 4);
    expect(existsSync(join(result.checkpoint!, "model.safetensors"))).toBe(true);
    rmSync(folder, { recursive: true });
  });

  test.each([
    ["throws", /16 of 16|\d+ of \d+.*no grader today/],
    ["hangs", /\d+ of \d+.*(time|ms)/],
  ])("of a verifier that %s stop the run, which says why and can go on", async (name, got) => {
    const { folder, options } = await tinyRun();
    const error = await fault(
      train({ ...options, verifier: verifier(name), verifierTimeoutMs: 300, numGenerations: 2 }),
    );
    expect(error).toBeInstanceOf(VerifierError);
    expect(error.got).toMatch(got);
    expect(error.expected).toBe("errors in at most 10 % of the verdicts (max_verifier_error_rate)");
    expect(readdirSync(join(options.outputDir!, "checkpoints"))).toEqual(["step-0000"]);
    const judged = linesOf<RolloutRecord>(options.outputDir!, "rollouts.jsonl");
    expect(judged.some(({ verdict }) => verdict === "error")).toBe(true);
    rmSync(folder, { recursive: true });
  });

  test("that are errors now and then are counted and left out of what is learnt", async () => {
    const { folder, options } = await tinyRun();
    await train({
      ...options,
      verifier: verifier("sometimes"),
      maxVerifierErrorRate: 0.5,
      numGenerations: 16,
    });
    const judged = linesOf<RolloutRecord>(options.outputDir!, "rollouts.jsonl");
    const errors = judged.filter(({ verdict }) => verdict === "error");
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.every(({ kept }) => !kept)).toBe(true);
    const steps = linesOf<StepRecord>(options.outputDir!, "steps.jsonl");
    expect(steps.some(({ metrics }) => metrics["verifier/error_rate"]! > 0)).toBe(true);
    rmSync(folder, { recursive: true });
  });

  test("on reference answers that mostly fail stop the run before it starts, where it cannot be right", async () => {
    const { folder, options } = await tinyRun();
    const refused = (given: Partial<TrainOptions>) => fault(train({ ...options, ...given } as TrainOptions));
    const unreadable = await refused({ verifier: "gsm8k", dataset: [{ problem: "1+1=?", answer: "two" }] });
    expect(unreadable).toBeInstanceOf(VerifierError);
    expect(unreadable.got).toMatch(/^0 of 1; problem row-1, answer "two": wrong, /);
    const scored = await refused({ verifier: () => 5 });
    expect(scored.got).toMatch(/^0 of 12; .*error, the verifier gave a score that is not in \[0, 1\]: 5/);
    expect(scored.next).toContain("return false there");
    expect(existsSync(options.outputDir!)).toBe(false);
    rmSync(folder, { recursive: true });
  });

  test("on reference answers that mostly fail are warned of where they may be right", async () => {
    const { folder, options } = await tinyRun();
    const warnings: string[] = [];
    const onEvent = (event: RunEvent) => event.kind === "warning" && warnings.push(event.text);
    const labelled: UserVerifier = ({ answer }, text) =>
      text.length < 20 || text.endsWith(`Label: ${answer}`);
    const given = { ...options, maxSteps: 1, maxEmptySteps: 1 };
    const picky: UserVerifier = ({ answer }, text) => text.endsWith(`Label: ${answer}`);
    await train({ ...given, verifier: picky }, { onEvent });
    expect(warnings.join()).toMatch(
      /^0 of 12 reference answers of problems pass picky; problem row-1, answer "1": wrong, the verifier returned false\. Tried were .*solution/,
    );
    await train({ ...given, verifier: labelled, outputDir: join(folder, "labelled") }, { onEvent });
    expect(warnings).toHaveLength(1);
    rmSync(folder, { recursive: true });
  });
});

describe("a run's folder", () => {
  test("that holds something is not written to", async () => {
    const { folder, options } = await tinyRun();
    await train({ ...options, maxSteps: 1 });
    const again = await fault(train(options));
    expect(again).toBeInstanceOf(RunError);
    expect(again.next).toContain(`--resume ${options.outputDir}`);
    expect((await fault(train({ ...options, outputDir: folder }))).got).toBe("one that holds other files");
    rmSync(folder, { recursive: true });
  });

  test.skipIf(!existsSync("/dev/full"))(
    "on a full disk loses nothing that was written, and says what to do",
    async () => {
      const { folder, options } = await tinyRun();
      await train({ ...options, maxSteps: 2 });
      const steps = readFileSync(join(options.outputDir!, "steps.jsonl"), "utf8");
      const rollouts = join(options.outputDir!, "rollouts.jsonl");
      const kept = readFileSync(rollouts);
      // a device that is always full, where the run would append
      const position = join(options.outputDir!, "checkpoints/step-0002/position.json");
      const whole = readFileSync(position, "utf8");
      writeFileSync(
        position,
        whole
          .replace(/"rollouts": \d+\n/, '"rollouts": 0\n')
          .replace(/("bytes": \{[^}]*"rollouts": )\d+/, "$10"),
      );
      rmSync(rollouts);
      symlinkSync("/dev/full", rollouts);
      const error = await fault(train({ resumeFromCheckpoint: options.outputDir!, maxSteps: 4 }));
      expect(error).toBeInstanceOf(RunError);
      expect(error.got).toBe("a full disk (ENOSPC)");
      expect(error.next).toMatch(/^Free some space and go on with --resume/);
      expect(readFileSync(join(options.outputDir!, "steps.jsonl"), "utf8")).toBe(steps);

      rmSync(rollouts);
      writeFileSync(rollouts, kept);
      writeFileSync(position, whole);
      expect(await train({ resumeFromCheckpoint: options.outputDir!, maxSteps: 4 })).toMatchObject({
        steps: 4,
      });
      rmSync(folder, { recursive: true });
    },
  );

  test("that may not be written is named", async (context) => {
    const isRoot = process.getuid?.() === 0;
    // root may write anywhere, so root's run is nobody's, who then must be let into these files
    context.skip(isRoot && !isOpenToAll(import.meta.dirname), "this folder is closed to other users");
    const { folder, options } = await tinyRun();
    const locked = join(folder, "locked");
    mkdirSync(locked);
    chmodSync(folder, 0o755);
    chmodSync(locked, 0o555);
    const user = isRoot ? { uid: 65534, gid: 65534 } : {};
    const { lines } = await runTrain(
      "train",
      { ...options, outputDir: join(locked, "run") },
      undefined,
      user,
    );
    expect(lines.at(-1)).toMatchObject({ kind: "error", name: "RunError" });
    expect(JSON.stringify(lines.at(-1))).toMatch(
      /a folder this user may not write \(EACCES\).*Choose another folder/,
    );
    chmodSync(locked, 0o755);
    rmSync(folder, { recursive: true });
  });

  test("is one process's at a time", async () => {
    const { folder, options } = await tinyRun();
    let second: Promise<ErrataError> | undefined;
    const refused = new AbortController();
    // the first goes on until the second has been refused, however slow either is
    const first = train(
      { ...options, maxSteps: 100_000 },
      {
        signal: refused.signal,
        onEvent: ({ kind }) => {
          if (kind === "step")
            second ??= fault(train({ ...options, resumeFromCheckpoint: "auto" })).finally(() =>
              refused.abort(),
            );
        },
      },
    );
    expect(await first).toMatchObject({ reason: "stopped" });
    expect((await second)?.got).toContain(`process ${process.pid}`);
    rmSync(folder, { recursive: true });
  });
});

describe("an evaluation", () => {
  test("asks each problem once, however often the file repeats it", async () => {
    const { folder, options } = await tinyRun(3);
    writeFileSync(
      options.dataset!,
      readFileSync(options.dataset!, "utf8").repeat(4).replaceAll('"id"', '"x"'),
    );
    const given = {
      model: options.model!,
      evalDataset: options.dataset!,
      verifier: options.verifier!,
      maxCompletionLength: 32,
    };
    const { sets } = await evaluate({ ...given, evalNumGenerations: 4, outputDir: join(folder, "eval") });
    expect(sets[0]).toMatchObject({ problems: 3, judged: [4, 4, 4] });
    rmSync(folder, { recursive: true });
  });
});
