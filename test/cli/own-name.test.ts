/** What the command is called in its own hints: what a person can type where they stand. */
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { explain } from "../../src/app/cli/failure.ts";
import { nameOf } from "../../src/app/cli/own-name.ts";
import { OptionError } from "../../src/index.ts";
import { temporaryFolder } from "../models/files.ts";

/** A project with the package in it, as npm lays it. */
function installed() {
  const project = realpathSync(temporaryFolder());
  const main = join(project, "node_modules", "errata", "dist", "app", "cli", "main.js");
  const bin = join(project, "node_modules", ".bin");
  for (const folder of [dirname(main), bin, join(project, "src"), join(project, "bin")])
    mkdirSync(folder, { recursive: true });
  writeFileSync(main, "");
  link(main, bin);
  return { project, main, bin };
}

function link(main: string, folder: string): void {
  if (process.platform === "win32") writeFileSync(join(folder, "errata.cmd"), "");
  else symlinkSync(main, join(folder, "errata"));
}

test("in a project that has the package it is npx errata, however it was started", () => {
  const { project, main, bin } = installed();
  for (const here of [project, join(project, "src")]) {
    expect(nameOf(main, { PATH: "/usr/bin" }, here)).toBe("npx errata");
    // npm puts the project's .bin into PATH for its scripts; the person's shell has it not
    expect(nameOf(main, { PATH: [bin, "/usr/bin"].join(delimiter) }, here)).toBe("npx errata");
  }
});

test("it is npx errata where npx alone brought it", () => {
  const { main } = installed();
  const env = { PATH: "/usr/bin", npm_command: "exec", npm_lifecycle_event: "npx" };
  expect(nameOf(main, env, temporaryFolder())).toBe("npx errata");
});

test("it is errata where a folder of PATH has it", () => {
  const { project, main } = installed();
  link(main, join(project, "bin"));
  expect(nameOf(main, { PATH: ["/usr/bin", join(project, "bin")].join(delimiter) }, "/")).toBe("errata");
});

test("another errata on PATH is not taken for this one", () => {
  const { project, main } = installed();
  writeFileSync(join(project, "bin", "errata"), "");
  expect(nameOf(main, { PATH: join(project, "bin") }, project)).toBe("npx errata");
});

test("elsewhere it is its file", () => {
  const { project, main } = installed();
  expect(nameOf(main, {}, dirname(project))).toMatch(/^node .*main\.js$/);
});

test("in its repository it is a script of npm's, and from outside one with the repository's path", () => {
  const root = join(temporaryFolder(), "a b");
  const main = join(root, "src", "app", "cli", "main.ts");
  expect(nameOf(main, {}, join(root, "src"))).toBe("npm run errata --");
  expect(nameOf(main, {}, dirname(root))).toBe(`npm --prefix "${root}" run errata --`);
});

test("a build in the repository has the repository's name, and not that of npx, which ran the tests", () => {
  const root = temporaryFolder();
  const main = join(root, "dist", "app", "cli", "main.js");
  const npx = { npm_command: "exec", npm_lifecycle_event: "npx" };
  expect(nameOf(main, npx, root)).toBe("npx errata");
  mkdirSync(join(root, "scripts"));
  writeFileSync(join(root, "scripts", "errata.mjs"), "");
  expect(nameOf(main, npx, root)).toBe("npm run errata --");
});

test("an error's advice names the command as it is typed here", () => {
  const fault = {
    where: "errata train",
    expected: "a model",
    got: "none",
    next: "See `errata train --help`.",
  };
  expect(explain(new OptionError(fault)).text).toBe(
    "OptionError: errata train: expected a model, got none.\n  → See `npm run errata -- train --help`.",
  );
});
