import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { optionsPage } from "../scripts/options.ts";

test("docs/options.md is what the table of options prints", () => {
  const page = readFileSync(new URL("../docs/options.md", import.meta.url), "utf8");
  expect(page, "run npx tsx scripts/options.ts").toBe(optionsPage());
});
