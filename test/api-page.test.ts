import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { apiPage } from "../scripts/api.ts";

test("docs/api.md is what the exports and their docstrings print", () => {
  const page = readFileSync(new URL("../docs/api.md", import.meta.url), "utf8");
  expect(page, "run npx tsx scripts/api.ts").toBe(apiPage());
});
