/** What a person does on the page while a run is at work, and with several runs. */
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { train } from "../../src/loop/train.ts";
import { readRun } from "../../src/run/read-run.ts";
import { tinyRun } from "../loop/tiny.ts";
import { temporaryFolder } from "../models/files.ts";
import { demo, describeBrowser, open } from "./browser.ts";
import { listed } from "./run-folders.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

describeBrowser("the page of a run at work", () => {
  test("pauses it, has it measured and saved, lets it go on and stops it; then judges its answers again", async () => {
    const { folder, options } = await tinyRun();
    const stop = new AbortController();
    let began = (): void => {};
    const begun = new Promise<void>((resolve) => {
      began = resolve;
    });
    const running = train(
      { ...options, evalDataset: options.dataset, evalOnStart: false, evalSteps: 10_000, maxSteps: 10_000 },
      { signal: stop.signal, onEvent: ({ kind }) => kind === "step" && began() },
    );
    try {
      await begun;
      const run = readRun(options.outputDir!);
      const page = await open([options.outputDir!]);
      const now = page.locator(".controls span").first();
      const click = (name: string) => page.getByRole("button", { name }).click();
      await click("Pause");
      await now.getByText(/: paused/).waitFor();
      const { length } = await run.steps();
      await click("Evaluate now");
      await page.locator(".headline", { hasText: "%" }).waitFor();
      await click("Save now");
      await expect
        .poll(() => readRun(options.outputDir!).checkpoints.length, { timeout: 20_000 })
        .toBeGreaterThan(0);
      expect((await run.steps()).length, "paused, it takes no step").toBe(length);
      await click("Go on");
      await expect.poll(async () => (await run.steps()).length, { timeout: 20_000 }).toBeGreaterThan(length);
      await click("Stop after this step");
      await page.getByText("not at work").waitFor();
      expect(await running).toMatchObject({ reason: "stopped" });
      expect(await page.getByRole("button", { name: "Pause" }).count()).toBe(0);
      const evals = await run.evals();
      expect(evals.map(({ kind, step }) => [kind, step])).toEqual([["solve", length]]);

      await page.keyboard.press("4");
      await click("Judge the answers of step");
      await page.getByText("says otherwise of 0 answers").waitFor();
      const last = (await run.lastRollouts())!;
      const own = await listed(run.rollouts(last));
      const right = own.filter(({ verdict }) => verdict === "right").length;
      await page
        .getByText(`The solve rate was ${((100 * right) / own.length).toFixed(1)} %; judged again`)
        .waitFor();
    } finally {
      stop.abort();
      await running;
      rmSync(folder, { recursive: true });
    }
  });
});

describeBrowser("the page of two runs", () => {
  test("lays one over the other, pairs them where both have come, and names the options that differ", async () => {
    const other = join(temporaryFolder(), "shorter");
    cpSync(demo, other, { recursive: true });
    const upTo = (file: string, last: number) => {
      const lines = readFileSync(join(demo, file), "utf8").trim().split("\n");
      const kept = lines.filter((line) => JSON.parse(line).step <= last);
      writeFileSync(join(other, file), `${kept.join("\n")}\n`);
    };
    for (const file of ["steps.jsonl", "evals.jsonl"]) upTo(file, 10);
    const options = readFileSync(join(demo, "options.yaml"), "utf8");
    writeFileSync(join(other, "options.yaml"), options.replace(/^learning_rate: .*/m, "learning_rate: 0.5"));

    const page = await open([demo, other]);
    const apart = page.locator("p", { hasText: "at equal" });
    expect(await apart.first().innerText()).toMatch(
      /^shorter less demo-run, at equal \w+ \(steps 10 and 10\): \+0\.0 points/,
    );
    const table = page.locator("table", { hasText: "Options that differ" });
    expect(await table.locator("tbody th").allInnerTexts()).toEqual(["learning_rate"]);
    expect(await table.locator("tbody td").last().innerText()).toBe("0.5");

    // the other run's own time, by the choice of runs, and back
    await page.keyboard.press("5");
    await page.getByRole("link", { name: "shorter" }).click();
    await page.getByText("in 10 steps").waitFor();
    await page.goBack();
    await page.getByText("in 30 steps").waitFor();
  });
});
