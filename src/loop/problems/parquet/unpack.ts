/**
 * Unpacking the pages of a parquet file, never to more than the page says and the file may have.
 */
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { type CompressionCodec, type Compressors, snappyUncompress } from "hyparquet";
import { ZSTDDecoder } from "zstddec";
import type { Budget } from "./limits.ts";

type Unpack = (packed: Uint8Array, length: number) => Uint8Array;

/** Bytes that any page may unpack to; one that is larger as it lies in the file may have more. */
const LONGEST_PAGE = 2 ** 26;

/** What is read; Hadoop's LZ4 and LZO have gone out of use. */
const codecs: Partial<Record<CompressionCodec, () => Unpack | Promise<Unpack>>> = {
  UNCOMPRESSED: () => (packed) => packed,
  SNAPPY: () => (packed, length) => {
    const page = Buffer.alloc(length);
    snappyUncompress(packed, page);
    return page;
  },
  // the library takes 0 for "no limit"
  GZIP: () => (packed, length) => gunzipSync(packed, { maxOutputLength: Math.max(1, length) }),
  BROTLI: () => (packed, length) => brotliDecompressSync(packed, { maxOutputLength: Math.max(1, length) }),
  ZSTD: async () => {
    const zstd = new ZSTDDecoder();
    await zstd.init();
    // and this one takes it for "as the data says"
    return (packed, length) => (length === 0 ? Buffer.alloc(0) : zstd.decode(packed, length));
  },
};

/**
 * @param names     the codecs of a file's columns
 * @param unpacked  bytes that all pages may unpack to
 * @throws Error where one of them is not read
 */
export async function unpackers(
  names: ReadonlySet<CompressionCodec>,
  unpacked: Budget,
): Promise<Compressors> {
  const made: Compressors = {};
  for (const name of names) {
    const unpack = await codecs[name]?.();
    if (unpack === undefined) throw new Error(`a column packed with ${name ?? "an unknown codec"}`);
    made[name] = (packed, length) => {
      if (!(length >= 0 && length <= LONGEST_PAGE + 20 * packed.length))
        throw new Error(`a page of ${packed.length} bytes that unpacks to ${length}`);
      unpacked.take(length);
      return unpack(packed, length);
    };
  }
  return made;
}
