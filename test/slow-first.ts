/** The order of the test files: the longest first, so that two workers end together, also where nothing was recorded yet. */
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What takes ten seconds or more, longest first. */
const slow = [
  "loop/resume",
  "package/package",
  "commands/models",
  "cli/command",
  "page/browser",
  "verdicts/code",
  "export/export",
  "doctor/doctor",
  "engine/conformance",
  "commands/one-opening",
  "loop/bad-input",
  "cli/json",
  "evaluation/evaluate",
  "models/hostile",
  "engine/remote/conformance",
  "examples/labels",
  "hub/hub-faults",
  "extending",
  "loop/lora",
  "cli/check",
  "models/gguf-tokenizer",
  "engine/remote/resume",
  "engine/remote/faults",
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
