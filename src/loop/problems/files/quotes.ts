/**
 * Quotes in CSV: around a whole cell, or part of what a cell says, as in `a 5" pipe`.
 *
 * The parser takes a quote it does not expect as text. That is right within a cell; where it may stand
 * for more, a row read so could have the wrong answer, and is better left out.
 */

/**
 * What is wrong with a record's quotes, in words that go on from "line 3".
 *
 * @param cells      as the parser read them
 * @param raw        the record as it stands in the file
 * @param delimiter  what stands between cells
 */
export function quoteFault(
  cells: readonly string[],
  raw: string,
  delimiter: keyof typeof wholeCells,
): string | undefined {
  const begins = cells.some((cell) => /^\s*"/.test(cell));
  // `he said "yes, no"` without quotes around it falls apart at its comma
  const parted = cells.filter((cell) => (cell.split('"').length - 1) % 2 === 1).length > 1;
  if ((!begins && !parted) || isWhole(raw, wholeCells[delimiter])) return undefined;
  return begins
    ? "has a cell that begins with a quote and is not in quotes as a whole"
    : "has quotes in cells that are not in quotes";
}

/** A cell with what ends it: in quotes as a whole, each quote in it written twice, or without any. */
const wholeCells = {
  ",": /(?:"[^"]*(?:""[^"]*)*"|[^",\r\n]*)(?:,|[\r\n]*$)/y,
  ";": /(?:"[^"]*(?:""[^"]*)*"|[^";\r\n]*)(?:;|[\r\n]*$)/y,
};

/** Whether quotes stand only where they must. */
function isWhole(raw: string, wholeCell: RegExp): boolean {
  const record = raw.replace(/^[\r\n]+/, "");
  wholeCell.lastIndex = 0;
  while (wholeCell.lastIndex < record.length) if (!wholeCell.test(record)) return false;
  return true;
}
