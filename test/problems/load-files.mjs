/** Loads each file named, in a process of its own, and prints what came of it, how long it took and what memory. */
import { loadProblems } from "../../.build/loop/problems/load.js";

for (const file of process.argv.slice(2)) {
  const began = process.cpuUsage();
  const result = await loadProblems(file, {
    size: 0,
    generatedSize: 1,
    split: "train",
    seed: 1,
    need: "answer",
  }).then(
    ({ problems }) => `${problems.length} problems`,
    (error) => `${error.name}: ${error.got ?? error.message}`,
  );
  const { user, system } = process.cpuUsage(began);
  const loaded = {
    file,
    result: result.slice(0, 300),
    seconds: (user + system) / 1e6,
    megabytes: process.resourceUsage().maxRSS / 1024,
  };
  process.stdout.write(`${JSON.stringify(loaded)}\n`);
}
