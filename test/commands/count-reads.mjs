/** Preloaded: writes each read of a file, in whatever thread, as a line "path, position, bytes" of $READS. */
import { appendFileSync } from "node:fs";
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

const { open } = promises;
promises.open = async (path, ...rest) => {
  const handle = await open(path, ...rest);
  const read = handle.read.bind(handle);
  handle.read = async (into, offset, length, position) => {
    const done = await read(into, offset, length, position);
    appendFileSync(process.env.READS, `${JSON.stringify([path, position, done.bytesRead])}\n`);
    return done;
  };
  return handle;
};
syncBuiltinESMExports();
