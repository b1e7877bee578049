/** The page in a real browser: Debian's Chromium, which `scripts/chromium.mjs` installs; without one, tests skip aloud. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openRuns } from "../../src/app/page/page-data.ts";
import { pageFiles } from "../../src/app/page/page-files.ts";
import { type PageServer, startPage } from "../../src/app/page/page-server.ts";

export const demo = fileURLToPath(new URL("../../data/demo-run", import.meta.url));

const program = [process.env.CHROMIUM, "/usr/bin/chromium"].find((path) => path && existsSync(path));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let browser: Browser;
const servers: PageServer[] = [];
const pages: Page[] = [];

/** Like `describe`; where there is no browser, one skipped test that says so. */
export function describeBrowser(name: string, body: () => void): void {
  if (program === undefined) {
    console.log(`skipped: ${name}: no Chromium at /usr/bin/chromium or CHROMIUM`);
    test.skip(`${name}: there is no Chromium`);
    return;
  }
  describe(name, () => {
    beforeAll(async () => {
      const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
      browser = await chromium.launch({ executablePath: program, args: asRoot });
    });
    afterEach(async () => {
      await Promise.all(pages.splice(0).map((page) => page.close()));
      await Promise.all(servers.splice(0).map((server) => server.close()));
    });
    afterAll(() => browser.close());
    body();
  });
}

export interface Look {
  readonly width?: number;
  readonly scheme?: "light" | "dark";
}

/** Opens runs at a place of the page; whatever the page complains of fails the test. */
export async function open(folders: readonly string[], hash = "", look: Look = {}): Promise<Page> {
  const server = await startPage(openRuns(folders), await pageFiles(), { port: 0, token: "t".repeat(24) });
  servers.push(server);
  return openAt(`${server.link}${hash}`, look);
}

export async function openAt(address: string, { width = 1280, scheme = "light" }: Look = {}): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme });
  pages.push(page);
  page.setDefaultTimeout(20_000);
  page.on("pageerror", (error) => expect.soft(error.message).toBe("no error"));
  page.on("console", (said) => {
    if (said.type() === "error" || said.type() === "warning") expect.soft(said.text()).toBe("no complaint");
  });
  await page.goto(address);
  await page.locator("main h1").waitFor();
  return page;
}

/** What axe finds that is serious or worse. */
export async function seriousFaults(page: Page): Promise<string[]> {
  // by the browser's tools, which the page's policy does not bind
  await page.evaluate(axe);
  return page.evaluate(async () => {
    // biome-ignore lint/suspicious/noExplicitAny: axe-core's global
    const { violations } = await (globalThis as any).axe.run();
    return violations
      .filter(({ impact }: { impact: string }) => impact === "serious" || impact === "critical")
      .map(
        ({ id, nodes }: { id: string; nodes: { html: string }[] }) =>
          `${id}: ${nodes[0]!.html.slice(0, 200)}`,
      );
  });
}
