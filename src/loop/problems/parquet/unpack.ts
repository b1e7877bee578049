/**
 * Unpacking the pages of a parquet file, never to more than the page says and the caller allows.
 */
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { type CompressionCodec, type Compressors, snappyUncompress } from "hyparquet";
import { ZSTDDecoder } from "zstddec";

export type Unpack = (packed: Uint8Array, length: number) => Uint8Array;

/** Codecs that are read; Hadoop's LZ4 and LZO have gone out of use. */
export async function unpackers(): Promise<Compressors & Partial<Record<CompressionCodec, Unpack>>> {
  const zstd = new ZSTDDecoder();
  await zstd.init();
  return {
    UNCOMPRESSED: (packed) => packed,
    SNAPPY: (packed, length) => {
      const page = new Uint8Array(length);
      snappyUncompress(packed, page);
      return page;
    },
    // the library takes 0 for "no limit"
    GZIP: (packed, length) => gunzipSync(packed, { maxOutputLength: Math.max(1, length) }),
    BROTLI: (packed, length) => brotliDecompressSync(packed, { maxOutputLength: Math.max(1, length) }),
    // and this one for "as the data says"
    ZSTD: (packed, length) => (length === 0 ? new Uint8Array(0) : zstd.decode(packed, length)),
  };
}
