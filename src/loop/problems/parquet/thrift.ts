/**
 * Bounds of Thrift's compact encoding, in which parquet writes its headers.
 *
 * The library that reads them believes every length it is told. So each header is walked here first,
 * allocating nothing: what passes can be no larger than the bytes it is made of.
 */

/** Structs within structs; parquet's own go to 7. */
const DEEPEST = 16;

const types = {
  stop: 0,
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  struct: 12,
};

/**
 * @param offset  where a struct begins
 * @returns       where it ends
 * @throws Error where it ends outside of the bytes, claims more than they hold, or is nested too deep
 */
export function endOfStruct(view: DataView, offset: number, depth = 0): number {
  if (depth > DEEPEST) throw new Error(`headers nested more than ${DEEPEST} deep`);
  for (let at = offset; ; ) {
    const field = byteAt(view, at++);
    const type = field & 0x0f;
    if (type === types.stop) return at;
    if (field >> 4 === 0) at = endOfNumber(view, at, 3);
    at = endOfValue(view, at, type, depth);
  }
}

function endOfValue(view: DataView, at: number, type: number, depth: number): number {
  switch (type) {
    case types.true:
    case types.false:
      return at;
    case types.byte:
      return at + 1;
    case types.i16:
    case types.i32:
      return endOfNumber(view, at, 5);
    case types.i64:
      return endOfNumber(view, at, 10);
    case types.double:
      return at + 8;
    case types.binary: {
      const [start, length] = lengthAt(view, at);
      return start + length;
    }
    case types.list: {
      const head = byteAt(view, at);
      const [start, count] = head >> 4 === 15 ? lengthAt(view, at + 1) : [at + 1, head >> 4];
      const element = head & 0x0f;
      const isTruth = element === types.true || element === types.false;
      let end = start;
      for (let i = 0; i < count; i++) end = endOfValue(view, end, isTruth ? types.byte : element, depth + 1);
      return end;
    }
    case types.struct:
      return endOfStruct(view, at, depth + 1);
    default:
      throw new Error(`a header with a field of kind ${type}`);
  }
}

/** A length and where what it counts begins; each of what it counts takes a byte at least. */
function lengthAt(view: DataView, at: number): [start: number, length: number] {
  const start = endOfNumber(view, at, 5);
  let length = 0;
  for (let i = start - 1; i >= at; i--) length = length * 128 + (byteAt(view, i) & 0x7f);
  if (length > view.byteLength - start) {
    throw new Error(
      `a header that claims ${length} where ${Math.max(0, view.byteLength - start)} bytes follow`,
    );
  }
  return [start, length];
}

/** The end of a number of at most `most` bytes of seven bits. */
function endOfNumber(view: DataView, at: number, most: number): number {
  for (let end = at; end < at + most; end++) if (byteAt(view, end) < 0x80) return end + 1;
  throw new Error(`a number of more than ${most} bytes in a header`);
}

function byteAt(view: DataView, at: number): number {
  if (at >= view.byteLength) throw new Error("a header that goes on after its end");
  return view.getUint8(at);
}
