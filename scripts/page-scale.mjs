/**
 * Measures the page on a large run: 10,000 steps and 3 GB of rollouts, made from the lines of data/demo-run.
 *
 *   npm run build && node scripts/page-scale.mjs [STEPS [GIGABYTES]]
 *
 * Prints the first paint, when the curves are whole, a step's groups from the middle, and the most memory the server took.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const [steps = 10_000, gigabytes = 3] = process.argv.slice(2).map(Number);
const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "errata-large-"));
const demo = (file) => readFileSync(join(root, "data", "demo-run", file), "utf8");
const lines = (file) => demo(`${file}.jsonl`).trimEnd().split("\n");
const lastOf = (file) => lines(file).filter((line) => line.startsWith(lines(file).at(-1).slice(0, 12)));

async function write(file, linesOf) {
  const out = createWriteStream(join(folder, file));
  for (let step = 1; step <= steps; step++) if (!out.write(linesOf(step))) await once(out, "drain");
  await new Promise((resolve) => out.end(resolve));
}

/** The lines of one step, as those of another. */
const renamed = (some) => {
  const rest = some.map((line) => line.replace(/^\{"step":\d+/, ""));
  return (step) => rest.map((line) => `{"step":${step}${line}\n`).join("");
};

const rollouts = lastOf("rollouts");
const times = Math.ceil((gigabytes * 1e9) / steps / rollouts.join("").length);
const many = Array.from({ length: times }, (_, i) =>
  rollouts.map((line) => line.replace(/"draw":(\d+)/, (_, draw) => `"draw":${Number(draw) + 1000 * i}`)),
).flat();
const [, head, rest] = /^(.*?"step":)\d+(.*)$/.exec(lines("evals").at(-1));

try {
  await write("options.yaml", (step) => (step === 1 ? demo("options.yaml") : ""));
  await write("steps.jsonl", renamed(lines("steps").slice(-1)));
  await write("evals.jsonl", (step) => (step % 10 === 0 ? `${head}${step}${rest}\n` : ""));
  await write("rollouts.jsonl", renamed(many));
  await write("tokens.jsonl", renamed(lines("tokens").slice(-1)));

  const server = spawn(process.execPath, [join(root, "dist/app/cli/main.js"), "watch", folder, "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { link } = JSON.parse(String((await once(server.stdout, "data"))[0]));
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  const page = await browser.newPage();
  const began = performance.now();
  await page.goto(link);
  await page.locator("canvas").first().waitFor();
  const drawn = performance.now() - began;
  await page.locator(".state", { hasText: "not at work" }).waitFor({ timeout: 60_000 });
  const whole = performance.now() - began;
  const paint = await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime");
  const asked = performance.now();
  await page.goto(`${link.split("?")[0]}#taught?step=${Math.ceil(steps / 2)}`);
  await page.locator(".rows a").first().waitFor();
  const middle = performance.now() - asked;
  const memory = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))[1] / 1000;
  const ms = (value) => `${Math.round(value)} ms`;
  console.log(
    `first paint ${ms(paint)}, curves ${ms(drawn)}, all steps ${ms(whole)}, a step in the middle ${ms(middle)}, server ${Math.round(memory)} MB at most`,
  );
  await browser.close();
  server.kill("SIGINT");
} finally {
  rmSync(folder, { recursive: true });
}
