/**
 * The terminal: lines that stay, on stdout, and one line that moves, on stderr.
 *
 * Where stderr is not a terminal nothing moves, and where stdout is not one nothing is coloured, so a log
 * file holds the lines and no more. With `--json` stdout holds the results as JSON and nothing else: all
 * other text goes to stderr, also what a verifier or an objective of the user's prints.
 */
export interface Terminal {
  /** Prints a line that stays. */
  line(text: string): void;
  /** Prints text that stays, and leaves the line open. */
  write(text: string): void;
  /** Prints a line beside the results: a note, a warning. */
  aside(text: string): void;
  /** True with `--json`. */
  readonly json: boolean;
  /** Prints one value as a line of JSON on stdout. */
  result(value: unknown): void;
  /** Shows a line until the next one takes its place; undefined clears it. */
  status(text: string | undefined): void;
  /** Columns; without end where nothing is cut: in a file or a pipe. */
  readonly width: number;
}

/** The terminal of this process. */
export function openTerminal(json = false): Terminal {
  const { stdout, stderr } = process;
  const printResult = stdout.write.bind(stdout);
  if (json) stdout.write = stderr.write.bind(stderr) as typeof stdout.write;
  const moves = stderr.isTTY === true && process.env.TERM !== "dumb";
  let shown = "";
  const clear = () => {
    if (shown !== "") stderr.write("\r\x1b[K");
  };
  const write = (stream: NodeJS.WriteStream, text: string) => {
    clear();
    stream.write(text);
    if (shown !== "") stderr.write(shown);
  };
  return {
    line: (text) => write(stdout, `${text}\n`),
    write: (text) => write(stdout, text),
    aside: (text) => write(stderr, `${text}\n`),
    json,
    result(value) {
      clear();
      printResult(`${JSON.stringify(value)}\n`);
      if (shown !== "") stderr.write(shown);
    },
    status(text) {
      if (!moves) return;
      clear();
      // one column stays free: a full row would wrap, and then only its last part could be cleared
      shown = (text ?? "").slice(0, (stderr.columns ?? 80) - 1);
      stderr.write(shown);
    },
    get width() {
      return (json ? stderr : stdout).columns ?? Infinity;
    },
  };
}

const coloured = process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb";

function paint(on: number, off: number): (text: string) => string {
  return (text) => (coloured ? `\x1b[${on}m${text}\x1b[${off}m` : text);
}

export const bold = paint(1, 22);
export const faint = paint(2, 22);
