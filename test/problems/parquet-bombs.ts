/** Small parquet files that claim, or unfold to, more than any machine has. */
import { gzipSync } from "node:zlib";
import { ByteWriter } from "hyparquet-writer";
import { serializeTCompactProtocol, type ThriftStruct } from "hyparquet-writer/src/thrift.js";

type Raw = Parameters<typeof serializeTCompactProtocol>[1];

const int32 = 1;
const byteArray = 6;
const encodings = { plain: 0, rle: 3, deltaBytes: 7, words: 8 };
const codecs = { none: 0, snappy: 1, gzip: 2, zstd: 6 };
const most = 2 ** 31 - 1;

/** Each file by what is wrong with it. */
export function bombs(): Readonly<Record<string, Uint8Array>> {
  return {
    "a footer of 4 GB": tail(new Uint8Array(64), 2 ** 32 - 1),
    "a schema of two billion columns": tail(Uint8Array.from([0x15, 2, 0x19, 0xfc, ...number(most)])),
    "lists of 32 million in each other": tail(
      Uint8Array.from([0x19, ...Array.from({ length: 200 }, () => [0xf9, ...number(2 ** 25 - 1)]).flat()]),
    ),
    "a length below zero": tail(Uint8Array.from([0x18, 0xff, 0xff, 0xff, 0xff, 0x0f, 0])),
    "a number that does not end": tail(new Uint8Array(4_000_000).fill(0x80).fill(0x16, 0, 1)),
    "a million headers in each other": tail(new Uint8Array(1_000_000).fill(0x1c)),
    "columns in each other, nine hundred deep": file({ nested: 900 }),
    "a column that says it is a million": file({ children: 1_000_000 }),
    "a billion rows": file({ rows: 1_000_000_000n }),
    "rows below zero": file({ rows: -5n }),
    "pages after the end": file({ at: 1_000_000_000_000n }),
    "pages read nine hundred times": file({ pages: [page({ data: new Uint8Array(1000) })], columns: 900 }),
    "groups of rows on the same pages": file({ pages: [page({ data: new Uint8Array(1000) })], groups: 9000 }),
    "a page of two billion numbers": file({ pages: [page({ values: most })], rows: BigInt(most) }),
    "a page of a billion nulls": file({
      isOptional: true,
      pages: [page({ values: 1e9, data: levels(run(1e9, [0])) })],
      rows: 1_000_000_000n,
    }),
    "a run of a billion nulls in a page of eight": file({
      isOptional: true,
      pages: [page({ values: 8, data: levels(run(1e9, [0])) })],
      rows: 8n,
    }),
    "a run of a billion words in a page of eight": file({
      pages: [page({ values: 8, encoding: encodings.words, data: [1, ...run(1e9, [0])] })],
      rows: 8n,
    }),
    "a packed run of a billion": file({
      pages: [page({ values: 8, encoding: encodings.words, data: [1, ...number(2 ** 31 - 1), 0, 0] })],
      rows: 8n,
    }),
    "as many rows as it may have, all the same": file({
      type: byteArray,
      pages: [
        dictionary([1, 0, 0, 0, 0x61]),
        page({ values: 1_000_000, encoding: encodings.words, data: [1, ...run(1_000_000, [0])] }),
      ],
      rows: 1_000_000n,
    }),
    "words of no bits, two billion of them": file({
      pages: [secondPage({ values: 8, data: [0, ...run(2 ** 30, []), 0] })],
      rows: 8n,
    }),
    "words of no bits, packed eight billion times": file({
      pages: [secondPage({ values: 8, data: [0, ...number(2 ** 31 - 1)] })],
      rows: 8n,
    }),
    "a footer of a million fields": tail(new Uint8Array(4_000_000).fill(0xf1).fill(0, 3_999_999)),
    "a page that says it unpacks to 2 GB": file({ codec: codecs.snappy, pages: [page({ length: most })] }),
    "a page of 400 MB of zeros in gzip": zeros(400_000_000, 400_000_000),
    "a page of 400 MB of zeros that says 8 bytes": zeros(400_000_000, 8),
    "a page of zstd that copies without end": file({
      codec: codecs.zstd,
      pages: [page({ length: 65536, data: copies })],
    }),
    "values that each repeat the one before": file({
      type: byteArray,
      pages: [page({ values: 30_000, encoding: encodings.deltaBytes, data: growing(30_000, 100) })],
      rows: 30_000n,
    }),
  };
}

interface Claims {
  readonly pages?: readonly Uint8Array[];
  readonly rows?: bigint;
  readonly type?: number;
  readonly codec?: number;
  readonly isOptional?: boolean;
  readonly at?: bigint;
  readonly nested?: number;
  readonly children?: number;
  readonly columns?: number;
  readonly groups?: number;
}

/** A file of one column, `question`, or of several that lie in the same place. */
export function file(claims: Claims): Uint8Array {
  const {
    pages = [page({})],
    rows = 1n,
    type = int32,
    codec = codecs.none,
    columns = 1,
    groups = 1,
  } = claims;
  const size = pages.reduce((sum, { length }) => sum + length, 0);
  const name = (i: number) => (i === 0 ? "question" : `question${i}`);
  const between = Array.from({ length: claims.nested ?? 0 }, () => ({
    field_3: 0,
    field_4: "in",
    field_5: 1,
  }));
  const leaf = (i: number) => ({ field_1: type, field_3: claims.isOptional ? 1 : 0, field_4: name(i) });
  const column = (i: number) => ({
    field_2: 4n,
    field_3: {
      field_1: type,
      field_2: [encodings.plain, encodings.rle],
      field_3: [...between.map(() => "in"), name(i)],
      field_4: codec,
      field_5: rows,
      field_6: BigInt(size),
      field_7: BigInt(size),
      field_9: claims.at ?? 4n,
    },
  });
  const group = {
    field_1: Array.from({ length: columns }, (_, i) => column(i)),
    field_2: BigInt(size),
    field_3: rows,
  };
  const root = { field_4: "schema", field_5: claims.children ?? (between.length > 0 ? 1 : columns) };
  const footer = thrift({
    field_1: 2,
    field_2: [root, ...between, ...Array.from({ length: columns }, (_, i) => leaf(i))],
    field_3: rows * BigInt(groups),
    field_4: Array.from({ length: groups }, () => group),
  });
  return tail(footer, footer.length, pages);
}

interface Page {
  readonly values?: number;
  readonly encoding?: number;
  readonly data?: ArrayLike<number>;
  readonly length?: number;
}

/** One page, of a number where it is not said of what. */
export function page({
  values = 1,
  encoding = encodings.plain,
  data = [7, 0, 0, 0],
  length = data.length,
}: Page): Uint8Array {
  const about = { field_1: values, field_2: encoding, field_3: encodings.rle, field_4: encodings.rle };
  const header = thrift({ field_1: 0, field_2: length, field_3: data.length, field_5: about });
  return Uint8Array.from([...header, ...Array.from(data)]);
}

/** The words that other pages count, here one. */
function dictionary(data: readonly number[]): Uint8Array {
  const about = { field_1: 1, field_2: encodings.plain };
  return Uint8Array.from([
    ...thrift({ field_1: 2, field_2: data.length, field_3: data.length, field_7: about }),
    ...data,
  ]);
}

/** A page of the second kind, its values words. */
function secondPage({ values = 1, data = [] }: Page): Uint8Array {
  const about = {
    field_1: values,
    field_2: 0,
    field_3: values,
    field_4: encodings.words,
    field_5: 0,
    field_6: 0,
  };
  const header = thrift({ field_1: 3, field_2: data.length, field_3: data.length, field_8: about });
  return Uint8Array.from([...header, ...Array.from(data)]);
}

function zeros(bytes: number, says: number): Uint8Array {
  const packed = gzipSync(Buffer.alloc(bytes), { level: 1 });
  const header = thrift({
    field_1: 0,
    field_2: says,
    field_3: packed.length,
    field_5: { field_1: 2, field_2: encodings.plain, field_3: encodings.rle, field_4: encodings.rle },
  });
  return file({ codec: codecs.gzip, pages: [Buffer.concat([header, packed])], rows: 2n });
}

/** A block of 98,000 copies of 65,539 bytes or more each, and no bits to say from where. */
const copies = [
  ...[0x28, 0xb5, 0x2f, 0xfd, 0x60, 0x00, 0xff],
  ...[(13 << 3) | 5, 0, 0],
  ...[0, 255, 255, 255, 0x54, 35, 1, 52, 255, 255, 255, 255, 255],
];

/** Values of which each has `more` bytes more than the one before, written as what they share with it. */
function growing(count: number, more: number): Uint8Array {
  const lengths = (first: number, step: number) => [
    ...number(128),
    ...number(4),
    ...number(count),
    ...number(first * 2),
    ...Array.from({ length: Math.ceil((count - 1) / 128) }, () => [...number(step * 2), 0, 0, 0, 0]).flat(),
  ];
  const head = [...lengths(0, more), ...lengths(more, 0)];
  const bytes = new Uint8Array(head.length + count * more).fill(0x61);
  bytes.set(head);
  return bytes;
}

function run(count: number, value: readonly number[]): number[] {
  return [...number(count * 2), ...value];
}

/** Levels with their length before them. */
function levels(runs: readonly number[]): number[] {
  return [runs.length, 0, 0, 0, ...runs];
}

/** Seven bits a byte, the lowest first. */
function number(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...number(Math.floor(value / 128))];
}

function thrift(value: object): Uint8Array {
  const writer = new ByteWriter();
  serializeTCompactProtocol(writer, value as Raw & ThriftStruct);
  return new Uint8Array(writer.getBuffer());
}

/** The pages between the marks of a parquet file, then the footer and what it says is its length. */
function tail(footer: Uint8Array, says = footer.length, pages: readonly Uint8Array[] = []): Uint8Array {
  const mark = Buffer.from("PAR1");
  const length = Buffer.alloc(4);
  length.writeUInt32LE(says);
  return Buffer.concat([mark, ...pages, footer, length, mark]);
}
