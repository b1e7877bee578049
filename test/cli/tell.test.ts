import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test, vi } from "vitest";
import { train } from "../../src/loop/train.ts";
import { compiled } from "../compile.ts";
import { tinyRun } from "../loop/tiny.ts";

vi.setConfig({ testTimeout: 120_000 });

const tell = (...words: string[]) =>
  promisify(execFile)(process.execPath, [compiled("app/cli/main.ts"), "tell", ...words]);

test("errata tell is heard by a run at work and says so; what it does not know, and a run that is over, it refuses", async () => {
  const { folder, options } = await tinyRun();
  const run = options.outputDir!;
  let heard: Promise<{ readonly stdout: string }> | undefined;
  // long enough for a command to come, on a busy machine too
  const asked = await train(
    { ...options, maxSteps: 60 },
    {
      onEvent: (event) => {
        if (event.kind === "start") heard = tell(run, "stop");
        if (event.kind === "step") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
      },
    },
  );
  expect(asked.reason).toBe("stopped");
  expect((await heard!).stdout).toMatch(
    /^heard: it saves and ends after the step it is in; --resume goes on/,
  );
  await expect(tell(run, "pause")).rejects.toMatchObject({ code: 1, stderr: /nobody is at work on/ });
  await expect(tell(run, "jump")).rejects.toMatchObject({
    ...{ code: 2, stderr: /expected one of pause, continue, evaluate, save, stop, got jump/ },
  });
  rmSync(folder, { recursive: true });
});
