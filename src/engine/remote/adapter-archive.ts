/**
 * A checkpoint's adapters, fetched from the server as the archive it makes of them → a PEFT folder on this machine.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { EngineError } from "../../errors.ts";
import { bounded, Connection, type ServerAddress } from "./connection.ts";
import type { RemoteHandle } from "./handle.ts";
import { damagedAnswer } from "./pass.ts";
import { jsonOf, refusal } from "./server-errors.ts";
import { filesIn } from "./tar.ts";

const CONFIG = "adapter_config.json";
const WEIGHTS = "adapter_model.safetensors";
/** Servers pack an archive when it is first asked for, and say 503 meanwhile: so often, so many milliseconds apart. */
const packing = { tries: 6, pause: 30_000 };
/** Redirects that are followed: to the file, or to the store that has it. */
const HOPS = 3;
/** Milliseconds for the whole of it. */
const SLOWEST = 3_600_000;
const WHAT = "the adapters' archive";

/**
 * @param server  where the checkpoint is now
 * @param most    bytes that the adapters may have
 * @param folder  into which the two files of a PEFT folder are written, their base being the handle's
 * @throws EngineError where the server has no such checkpoint, or its archive is not one of adapters
 */
export async function fetchAdapters(
  { sampler, base }: RemoteHandle,
  server: ServerAddress,
  most: number,
  folder: string,
): Promise<void> {
  const [modelId, , name] = sampler.slice("tinker://".length).split("/");
  const path = `training_runs/${encodeURIComponent(modelId!)}/checkpoints/${encodeURIComponent(name!)}/archive`;
  const archive = unpacked(await download(new Connection(server), path, most), most);
  const files = filesIn(archive, [CONFIG, WEIGHTS]);
  const [config, weights] = [files.get(CONFIG), files.get(WEIGHTS)];
  if (config === undefined || weights === undefined)
    throw damagedAnswer(
      `an archive with ${CONFIG} and ${WEIGHTS}`,
      [...files.keys()].join(", ") || "neither",
    );
  // the server names a path of its own
  const settings = {
    ...jsonOf({ body: config, text: Buffer.from(config).toString() }),
    base_model_name_or_path: base,
  };
  await writeFile(join(folder, WEIGHTS), weights);
  await writeFile(join(folder, CONFIG), `${JSON.stringify(settings, null, 2)}\n`);
}

/** The archive's bytes, from wherever the server says that it is; the key goes to the server alone. */
async function download(connection: Connection, path: string, most: number): Promise<Uint8Array> {
  const first = new URL(`${connection.url}/api/v1/${path}`);
  let address = first;
  for (let hops = 0, waits = 0; hops <= HOPS; ) {
    const headers = address.origin === first.origin ? connection.headers : {};
    const response = await fetch(address, {
      headers,
      redirect: "manual",
      signal: AbortSignal.timeout(SLOWEST),
    }).catch((cause: unknown) => {
      throw unreachable(address, cause);
    });
    const { status } = response;
    const body = await bounded(response, most);
    if (status === 503 && waits++ < packing.tries) {
      await sleep(packing.pause);
      continue;
    }
    const location = status >= 300 && status < 400 ? response.headers.get("location") : undefined;
    const isJson = response.headers.get("content-type")?.startsWith("application/json") ?? false;
    const text = isJson ? Buffer.from(body).toString() : "";
    const next = location ?? (status === 200 && isJson ? jsonOf({ body, text }).url : undefined);
    if (typeof next === "string") {
      address = new URL(next, address);
      hops++;
    } else if (status === 200 && !isJson) {
      return body;
    } else {
      throw refusal(WHAT, { status, body, text });
    }
  }
  throw damagedAnswer(WHAT, `more than ${HOPS} redirects`);
}

const unreachable = ({ origin }: URL, cause: unknown): EngineError =>
  new EngineError({
    where: `${WHAT} at ${origin}`,
    expected: "the server to send it",
    got: cause instanceof Error ? String(cause.cause ?? cause.message) : String(cause),
    next: "Start the server, or give the address that it has now: --engine URL.",
  });

function unpacked(bytes: Uint8Array, most: number): Uint8Array {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!isGzip) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: most });
  } catch (cause) {
    throw new EngineError({
      where: WHAT,
      expected: `a gzip file of at most ${most} bytes`,
      got: cause instanceof Error ? cause.message : String(cause),
      next: "Fetch it again; if that does not help, see the server's folder of checkpoints.",
      cause,
    });
  }
}
