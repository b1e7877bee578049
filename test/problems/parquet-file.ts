/** Writes the parquet files that tests read, shaped as the public NFT and DAPO files are. */
import { writeFileSync } from "node:fs";
import type { SchemaElement } from "hyparquet";
import { ByteWriter, parquetWrite } from "hyparquet-writer";

type Packing = Omit<Parameters<typeof parquetWrite>[0], "writer" | "columnData" | "schema">;

/** What pandas and pyarrow make of a list of {content, role}. */
const conversation: SchemaElement[] = [
  { name: "prompt", repetition_type: "OPTIONAL", converted_type: "LIST", num_children: 1 },
  { name: "list", repetition_type: "REPEATED", num_children: 1 },
  { name: "element", repetition_type: "OPTIONAL", num_children: 2 },
  { name: "content", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
  { name: "role", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
];

const schema: SchemaElement[] = [
  { name: "schema", num_children: 5, repetition_type: "REQUIRED" },
  { name: "data_source", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
  ...conversation,
  { name: "ability", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
  { name: "reward_model", repetition_type: "OPTIONAL", num_children: 2 },
  { name: "ground_truth", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
  { name: "style", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
  { name: "extra_info", repetition_type: "OPTIONAL", num_children: 2 },
  { name: "index", type: "INT64", repetition_type: "OPTIONAL" },
  { name: "raw_problem", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
];

export interface Asked {
  readonly problem: string;
  readonly answer: string | null;
}

/** A file of the kind DAPO's recipe reads: each problem so many times, one after the other. */
export function dapoFile(problems: readonly Asked[], times: number, packing: Packing = {}): ArrayBuffer {
  const rows = problems.flatMap((one, index) => Array.from({ length: times }, () => ({ ...one, index })));
  const asked = ({ problem }: Asked) => [
    { content: `Solve the following math problem step by step.\n\n${problem}`, role: "user" },
  ];
  return parquet(
    [
      { name: "data_source", data: rows.map(() => "math_dapo") },
      { name: "prompt", data: rows.map(asked) },
      { name: "ability", data: rows.map(() => "MATH") },
      { name: "reward_model", data: rows.map(({ answer }) => ({ ground_truth: answer, style: "rule" })) },
      {
        name: "extra_info",
        data: rows.map(({ index, problem }) => ({ index: BigInt(index), raw_problem: problem })),
      },
    ],
    { ...packing, schema },
  );
}

/** Any columns. */
export function parquet(
  columnData: Parameters<typeof parquetWrite>[0]["columnData"],
  packing: Omit<Parameters<typeof parquetWrite>[0], "writer" | "columnData"> = {},
): ArrayBuffer {
  const writer = new ByteWriter();
  parquetWrite({ writer, columnData, ...packing });
  return writer.getBuffer();
}

export function save(path: string, bytes: ArrayBuffer | Uint8Array): string {
  writeFileSync(path, bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes));
  return path;
}
