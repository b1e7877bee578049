/**
 * A value of a parquet file as JSON would have it, because problems are kept, sent and printed as JSON.
 */
import type { ParquetParsers } from "hyparquet";
import { isDeep } from "../../../files/json-depth.ts";
import type { Budget } from "./limits.ts";
import type { NumberColumn } from "./numbers.ts";

/** Bytes of memory that a character of JSON may become, in a list of empty objects. */
const BYTES_OF_JSON = 20;

export interface Plain {
  readonly value: unknown;
  /** Characters of all its texts, and one for every other value. */
  readonly size: number;
}

/** Whole numbers beyond 2^53 become text, so that none is changed. @param column  where the value is from */
export function plain(raw: unknown, column?: NumberColumn): Plain {
  if (raw === null || raw === undefined) return { value: null, size: 1 };
  const value = column?.read !== undefined && !Array.isArray(raw) ? column.read(raw) : raw;
  switch (typeof value) {
    case "string":
      return { value, size: value.length + 1 };
    case "bigint": {
      const number = Number(value);
      return { value: Number.isSafeInteger(number) ? number : String(value), size: 1 };
    }
    case "object": {
      if (value instanceof Date)
        return { value: Number.isNaN(value.getTime()) ? null : value.toISOString(), size: 1 };
      if (value instanceof Uint8Array)
        return { value: Buffer.from(value).toString("base64"), size: value.length };
      if (Array.isArray(value)) {
        const items = value.map((item) => plain(item, column?.item ?? column));
        return { value: items.map((item) => item.value), size: total(items) };
      }
      const entries = Object.entries(value as object).map(
        ([name, item]) => [name, plain(item, column?.any ?? column?.named?.get(name))] as const,
      );
      return {
        value: Object.fromEntries(entries.map(([name, item]) => [name, item.value])),
        size: total(entries.map(([, item]) => item)),
      };
    }
    default:
      return { value, size: 1 };
  }
}

function total(items: readonly Plain[]): number {
  return items.reduce((sum, { size }) => sum + size, 1);
}

/**
 * How columns of special kinds are read: what is JSON is parsed where that is safe, what is a map's place is not.
 *
 * @param arrays  the bytes that all parsed values may take
 */
export function parsersWithin(arrays: Budget): Partial<ParquetParsers> {
  return {
    jsonFromBytes(bytes: Uint8Array | undefined) {
      if (bytes === undefined) return undefined;
      const text = new TextDecoder().decode(bytes);
      if (isDeep(bytes)) return text;
      arrays.take(bytes.length * BYTES_OF_JSON);
      try {
        return JSON.parse(text) as unknown;
      } catch {
        return text;
      }
    },
    geometryFromBytes: (bytes: Uint8Array | undefined) => bytes,
    geographyFromBytes: (bytes: Uint8Array | undefined) => bytes,
  };
}
