/**
 * What a report of the tests says: `node scripts/report.mjs REPORT STATUS` prints `PASSED FAILED`, then what failed,
 * each with the first line of its fault.
 */
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

/** `status` is the tests' exit code: a file that cannot be read, or a report that is not there, fails without a failed test. */
export function readReport(path, status) {
  const report = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {};
  const { numPassedTests: passed = 0, numFailedTests = 0, testResults = [] } = report;
  const faults = testResults.flatMap(({ name, message, assertionResults }) => {
    const file = relative(process.cwd(), name);
    const failed = assertionResults.filter((test) => test.status === "failed");
    if (failed.length === 0) return message ? [`${file}: ${firstLine(message)}`] : [];
    return failed.map((test) => `${file}: ${test.fullName}: ${firstLine(test.failureMessages.join("\n"))}`);
  });
  return { passed, failed: numFailedTests || (status === 0 ? 0 : 1), faults };
}

function firstLine(message) {
  return message.split("\n", 1)[0];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { passed, failed, faults } = readReport(process.argv[2], Number(process.argv[3]));
  console.log([`${passed} ${failed}`, ...faults].join("\n"));
}
