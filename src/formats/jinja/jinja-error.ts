/** What a template cannot do, or what went wrong in it; `line` is set by whoever knows where. */
export class JinjaError extends Error {
  readonly line: number | undefined;

  constructor(message: string, line?: number, cause?: unknown) {
    super(line === undefined ? message : `line ${line}: ${message}`, { cause });
    this.name = "JinjaError";
    this.line = line;
  }
}

/** Ends the rendering; the statement or expression that it happened in adds its line. */
export function fail(message: string): never {
  throw new JinjaError(message);
}
