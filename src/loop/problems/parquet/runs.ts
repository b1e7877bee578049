/**
 * Runs of values in a page: "so many times the same", or so many packed side by side.
 */

/** Values that packed runs, which come in eights, may have after the last. */
const PADDING = 512;

/**
 * Holds the runs of a page against the number of its values.
 *
 * @param end   where the runs end
 * @param bits  of a value
 * @throws Error where a run has more values than are left, or more bytes than there are
 */
export function checkRuns(page: DataView, start: number, end: number, bits: number, count: number): void {
  if (bits > 32) throw new Error(`values of ${bits} bits`);
  let seen = 0;
  for (let at = start; seen < count; ) {
    const [header, next] = numberAt(page, at, end);
    const isPacked = header % 2 === 1;
    const values = isPacked ? ((header - 1) / 2) * 8 : header / 2;
    if (values > count - seen + (isPacked ? PADDING : 0)) {
      throw new Error(`a run of ${values} where ${count - seen} values are left`);
    }
    seen += values;
    at = next + (isPacked ? Math.ceil((values * bits) / 8) : Math.ceil(bits / 8));
    // what pads the last run may be left away
    if (at > end + (isPacked ? PADDING * 4 : 0)) throw new Error("a run that goes on after its page");
  }
}

/** Parts that a block of differences is made of. */
const MOST_PARTS = 4096;

/** Holds the header of differences against what a page can hold. @throws Error */
export function checkDeltas(page: DataView, start: number): void {
  const [, at] = numberAt(page, start, page.byteLength);
  const [parts] = numberAt(page, at, page.byteLength);
  if (parts < 1 || parts > MOST_PARTS) throw new Error(`blocks of ${parts} parts`);
}

/** A number of at most five bytes of seven bits, and where it ends. */
function numberAt(page: DataView, start: number, end: number): [value: number, end: number] {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    if (start + i >= end) throw new Error("runs that go on after their page");
    const byte = page.getUint8(start + i);
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return [value, start + i + 1];
  }
  throw new Error("a number of more than five bytes in a page");
}
