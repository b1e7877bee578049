/** Files beside the repository that some tests measure against; where they are absent, those tests are skipped aloud. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe } from "vitest";

/** The full path of a shared file or folder, or undefined where it is absent. */
export function shared(path: string): string | undefined {
  const full = fileURLToPath(new URL(`../../shared/${path}`, import.meta.url));
  return existsSync(full) ? full : undefined;
}

/** Like `describe`, given the full path of what it needs; skipped, with a printed line, where that is absent. */
export function describeShared(path: string, name: string, body: (full: string) => void): void {
  const full = shared(path);
  if (full === undefined) {
    console.log(`skipped: ${name} (../shared/${path} is absent)`);
    describe.skip(name, () => body(""));
  } else describe(name, () => body(full));
}
