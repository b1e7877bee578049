/** The order of the test files: the longest first, so that two workers end together, also where nothing was recorded yet. */
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What takes ten seconds or more, longest first. */
const slow = [
  "loop/resume",
  "cli/command",
  "verdicts/code",
  "doctor/doctor",
  "commands/models",
  "examples/tasks",
  "package/package",
  "hub/hub-faults",
  "engine/remote/resume",
  "engine/remote/conformance",
  "engine/conformance",
  "export/export",
  "loop/bad-input",
  "cli/check",
  "models/hostile",
  "cli/json",
  "models/gguf-tokenizer",
  "evaluation/evaluate",
];

export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = slow.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return at < 0 ? slow.length : at;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}
