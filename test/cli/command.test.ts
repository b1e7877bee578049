import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { version } from "../../src/version.ts";
import { compiled } from "../compile.ts";

const main = compiled("app/cli/main.ts");
const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "errata-cli-"));
const env = { ...process.env, npm_lifecycle_event: "", ERRATA_DEBUG: "" };

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function errata(...words: string[]) {
  return spawnSync(process.execPath, [main, ...words], {
    cwd: root,
    env,
    encoding: "utf8",
    input: "",
  });
}

/** The smallest model that can be trained, on the pocket's sums. */
const tiny =
  "model=new dataset=pocket dataset_size=64 hidden_size=16 intermediate_size=32 num_hidden_layers=1 num_attention_heads=2 num_key_value_heads=1 mini_batch_size=4 threads=1".split(
    " ",
  );

test("without a verb the command says which there are", () => {
  const { stdout, status } = errata();
  expect(status).toBe(0);
  for (const verb of ["train", "sft", "eval", "chat"])
    expect(stdout).toMatch(new RegExp(`^ {2}${verb} `, "m"));
});

test.each([["-h"], ["--help"], ["help"]])("%s says which there are", (word) => {
  expect(errata(word).stdout).toBe(errata().stdout);
});

test.each([["-v"], ["--version"], ["version"], ["train", "--version"]])(
  "%s %s prints the version",
  (...words) => {
    const { stdout, status } = errata(...words);
    expect(status).toBe(0);
    expect(stdout).toBe(`${version}\n`);
  },
);

test("a command's help is there by every usual word", () => {
  const [help, ...others] = [
    ["verify", "--help"],
    ["verify", "-h"],
    ["help", "verify"],
    ["--help", "verify"],
    ["verify", "1/2", "--help"],
  ].map((words) => errata(...words));
  expect(help!.status).toBe(0);
  expect(help!.stdout).toMatch(/^errata verify: judge an answer/);
  for (const { stdout } of others) expect(stdout).toBe(help!.stdout);
});

test.each([
  ["check", "expected DATASET, got nothing"],
  ["verify", "expected GOLD and ANSWER, got nothing"],
  ["verify 1 2 3", 'got "1" "2" "3"'],
  ["verify --file", "--file: expected a value after it, got nothing"],
  ["verify --fil cases.jsonl", "--file"],
  ["presets nft-7b dapo-32b", "errata presets: expected"],
  ["train", "errata train: expected"],
  ["compare", "errata"],
  ["export", "errata export: expected"],
  ["nonsense", "errata: expected one of train, "],
])("`errata %s` is a mistake in the words: an OptionError, and 2", (words, said) => {
  const { stdout, stderr, status } = errata(...words.split(" "));
  expect({ stdout, status }).toEqual({ stdout: "", status: 2 });
  expect(stderr).toMatch(/^OptionError: .*\n {2}→ /s);
  expect(stderr).toContain(said);
});

test("an answer may begin with a dash, and behind -- with two", () => {
  expect(errata("verify", "-5", "-5").status).toBe(0);
  expect(errata("verify", "--", "--5", "5").stdout).toMatch(/^right/);
});

test("verify judges by any verifier, in words, and its crash is an error", () => {
  const mine = join(folder, "mine.ts");
  writeFileSync(
    mine,
    'export default ({ answer }: { answer: string }, text: string) => { if (text === "throw") throw new Error("out of ideas"); return text === "Label: ".concat(answer); };\n',
  );
  const verify = (answer: string) => errata("verify", "--verifier", mine, "billing", answer);
  expect(verify("Label: billing")).toMatchObject({ status: 0, stdout: expect.stringMatching(/^right /) });
  expect(verify("billing")).toMatchObject({ status: 1, stdout: expect.stringMatching(/^wrong /) });
  expect(verify("throw")).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(/^error .*out of ideas/),
  });
  expect(errata("verify", "--verifier", "exact", "5", "\\boxed{5}").status).toBe(0);
  expect(errata("verify", "--verifier", mine, "--mode", "math", "1", "1").status).toBe(2);
  expect(errata("verify", "--verifier", join(folder, "nowhere.ts"), "1", "1").stderr).toMatch(
    /^VerifierError: /,
  );
});

test.each(["--help", "train --help", "presets"])("`errata %s | head` ends quietly, with 0", (words) => {
  const script = `{ "$0" "$@"; echo "code $?" >&2; } | head -c 1`;
  const { stderr } = spawnSync("bash", ["-c", script, process.execPath, main, ...words.split(" ")], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  expect(stderr).toBe("code 0\n");
});

test("a verb of another tool is answered with ours", () => {
  const { stderr, status } = errata("resume");
  expect(status).toBe(2);
  expect(stderr).toContain("errata -- train --resume");
});

test("an unknown option is an error with a suggestion, before anything is opened", () => {
  const { stderr, status } = errata("train", "--num-generation", "8");
  expect(status).toBe(2);
  expect(stderr).toContain("Did you mean num_generations?");
});

test("a missing model is told in words, without a stack", () => {
  const { stderr, status } = errata("chat", "--model", join(folder, "nowhere"), "hello");
  expect(status).toBe(1);
  expect(stderr).toMatch(/^ModelError: .*nowhere: expected .*\n {2}→ /s);
  expect(stderr).not.toContain("    at ");
});

test("chat refuses to ask nothing, piped in or typed", () => {
  for (const words of [[], [" "]]) {
    const { stdout, stderr, status } = errata("chat", "--model", "models/pocket", ...words);
    expect({ stdout, status }).toEqual({ stdout: "", status: 2 });
    expect(stderr).toMatch(/^OptionError: errata chat: expected a text to ask, got an empty one/);
  }
});

test("a dry run prints options, batches, the first prompt and the memory, and writes nothing", () => {
  const output = join(folder, "dry");
  const { stdout, status } = errata("sft", ...tiny, `output_dir=${output}`, "--dry-run");
  expect(status).toBe(0);
  expect(stdout).toContain("mini_batch_size: 4");
  expect(stdout).toContain("a step learns from 4 examples; 16 steps pass over 64 examples 1 times");
  expect(stdout).toMatch(/first prompt, \d+ tokens, bare text\n {2}│.*=\?/);
  expect(stdout).toMatch(/in all, beside Node itself +\S+ [MG]B/);
  expect(errata("eval", "--model", output, "--dataset", "pocket").status).toBe(1);
});

/** The command, running: signals are sent once `said` matches. */
function running(words: readonly string[], said: RegExp, then: (child: ChildProcess) => void) {
  const child = spawn(process.execPath, [main, ...words], { cwd: root, env });
  let text = "";
  let waiting = true;
  child.stdout.on("data", (data) => {
    text += data;
    if (waiting && said.test(text)) {
      waiting = false;
      then(child);
    }
  });
  return new Promise<{ text: string; status: number | null; signal: string | null }>((resolve) =>
    child.on("close", (status, signal) => resolve({ text, status, signal })),
  );
}

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)(
  "%s once ends the run after its step, saved, and says how to go on; the code is %i",
  async (name, code) => {
    const output = join(folder, name);
    const words = ["sft", ...tiny, "max_steps=100000", "save_steps=100000", `output_dir=${output}`];
    // twice at once, as where npm passes on what the terminal sent already
    const { text, status } = await running(words, /step +500\//, (child) => {
      child.kill(name);
      child.kill(name);
    });
    expect(status).toBe(code);
    expect(text).toContain(`npm run errata -- sft --resume ${output}`);
    const { stdout } = errata("sft", "--resume", output, "--dry-run");
    expect(stdout).toContain("hidden_size: 16");
  },
);

test("a second signal ends the run at once, by that signal", async () => {
  // an update of many minutes, which the first signal waits for
  const sizes = ["dataset_size=65536", "mini_batch_size=65536", `output_dir=${join(folder, "second")}`];
  const { status, signal } = await running(["sft", ...tiny, ...sizes], /^run /m, (child) => {
    setTimeout(() => child.kill("SIGTERM"), 3000);
    // once the first was heard: two that come together are one press
    let told = "";
    for (const stream of [child.stdout, child.stderr])
      stream!.on("data", (data) => {
        if (/Stopping/.test(told)) return;
        told += data;
        if (/Stopping/.test(told)) setTimeout(() => child.kill("SIGTERM"), 1000);
      });
  });
  expect({ status, signal }).toEqual({ status: null, signal: "SIGTERM" });
});

test("a run whose reader went away saves and ends, with 141", () => {
  const output = join(folder, "unread");
  const words = ["sft", ...tiny, "max_steps=100000", "save_steps=100000", `output_dir=${output}`];
  const script = `{ "$0" "$@"; echo "code $?" >&2; } | head -n 6 >/dev/null`;
  const { stderr } = spawnSync("bash", ["-c", script, process.execPath, main, ...words], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  expect(stderr).toMatch(/code 141\n$/);
  expect(readdirSync(join(output, "checkpoints")).length).toBeGreaterThan(1);
});

test("a run that learnt nothing ends with 3", () => {
  const words = [
    "model=models/pocket",
    "dataset=pocket",
    "threads=1",
    "max_completion_length=2",
    "max_steps=2",
  ];
  const { stdout, status } = errata("train", ...words, `output_dir=${join(folder, "nothing")}`);
  expect(stdout).toMatch(/^ended /m);
  expect(status).toBe(3);
});
