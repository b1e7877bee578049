/** The thread of tokenizer-thread.ts: texts come in, token ids go out. */
import { parentPort, workerData } from "node:worker_threads";
import { ErrataError } from "../../errors.ts";
import { makeTokenizer, type TokenizerFiles } from "./tokenizer.ts";
import type { Asked, Told } from "./tokenizer-thread.ts";

const tokenizer = makeTokenizer(workerData as TokenizerFiles);

parentPort!.on("message", ({ id, way, text }: Asked) => parentPort!.postMessage(answer(id, way, text)));

function answer(id: number, way: Asked["way"], text: string): Told {
  try {
    return { id, tokens: tokenizer[way](text) };
  } catch (cause) {
    // what is no fault of the text or the tokenizer ends the thread
    if (!(cause instanceof ErrataError)) throw cause;
    const { where, expected, got, next } = cause;
    return { id, fault: { where, expected, got, next } };
  }
}
