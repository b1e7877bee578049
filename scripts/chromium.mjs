/**
 * Installs Chromium from Debian's packages for the tests of the page, where it is absent and this user may; says so aloud
 * where it cannot, as the tests then do that skip.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

if (!existsSync("/usr/bin/chromium")) {
  const apt = (...words) => spawnSync("apt-get", ["-qq", ...words], { stdio: ["ignore", 2, 2] }).status === 0;
  const packages = ["chromium", "fonts-dejavu-core"];
  if (!(apt("update") && apt("install", "-y", "--no-install-recommends", ...packages)))
    console.error(
      `apt-get install ${packages.join(" ")}: not done; the tests of the page in a browser skip.`,
    );
}
