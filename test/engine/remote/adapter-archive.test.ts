/** Adapters fetched from a server: as archives come, and as they should not. */
import { mkdtempSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { fetchAdapters } from "../../../src/engine/remote/adapter-archive.ts";
import { filesIn } from "../../../src/engine/remote/tar.ts";
import { EngineError } from "../../../src/errors.ts";
import { openModel } from "../../../src/formats/open-model.ts";
import { describeShared, golden } from "../../shared.ts";
import { tar } from "./tinker-archive.ts";

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

type Answer = {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array | string;
};

/** @returns the address, and the key that each request came with */
async function serve(answers: Record<string, Answer>) {
  const keys: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    keys.push(request.headers["x-api-key"] as string | undefined);
    const {
      status = 200,
      headers = {},
      body = "",
    } = answers[request.url!.split("/").at(-1)!] ?? { status: 404 };
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  open.push(server);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, keys };
}

const handle = {
  ...{
    version: 1 as const,
    url: "",
    dialect: "skyrl-jax",
    model: "m",
    base: golden("models/llama-tiny"),
    rank: 4,
  },
  ...{
    alpha: 32,
    seed: 1,
    training: "tinker://model_1/weights/a",
    sampler: "tinker://model_1/sampler_weights/a",
    updates: 1,
  },
};
const folder = () => mkdtempSync(join(tmpdir(), "errata-archive-"));
const files = [
  { name: "", bytes: new Uint8Array(), type: "5" },
  { name: "./adapter_config.json", bytes: Buffer.from('{"r":4,"base_model_name_or_path":"/theirs"}') },
  { name: "./adapter_model.safetensors", bytes: Uint8Array.of(1, 2, 3) },
];
const fetched = async (url: string, most = 2 ** 20) => {
  const into = folder();
  await fetchAdapters(handle, { url, apiKey: "tml-key" }, most, into);
  return into;
};

test("an archive is followed to where it is, and unpacked with the base model that is here", async () => {
  const { url, keys } = await serve({
    archive: { status: 302, headers: { location: "./download" } },
    download: { body: gzipSync(tar(files)) },
  });
  const into = await fetched(url);
  expect([...readFileSync(join(into, "adapter_model.safetensors"))]).toEqual([1, 2, 3]);
  expect(JSON.parse(readFileSync(join(into, "adapter_config.json"), "utf8"))).toEqual({
    ...{ r: 4, base_model_name_or_path: handle.base },
  });
  expect(keys).toEqual(["tml-key", "tml-key"]);
});

test("the key is not sent to the store that a server names", async () => {
  const store = await serve({ signed: { body: tar(files) } });
  const { url } = await serve({
    archive: {
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ url: `${store.url}/signed` }),
    },
  });
  await fetched(url);
  expect(store.keys).toEqual([undefined]);
});

describe("is refused", () => {
  test.each<[string, Answer, RegExp]>([
    ["what is not there", { status: 404, body: "gone" }, /404/],
    ["a redirect without end", { status: 302, headers: { location: "archive" } }, /redirects/],
    [
      "an archive of something else",
      { body: tar([{ name: "x", bytes: Uint8Array.of(1) }]) },
      /adapter_config.*neither/,
    ],
    ["one that is cut", { body: tar(files).subarray(0, 1050) }, /a whole tar archive/],
    [
      "one that unpacks to more than adapters have",
      { body: gzipSync(Buffer.alloc(2 ** 21)) },
      /at most 1048576 bytes/,
    ],
    ["one that is larger than that", { body: Buffer.alloc(2 ** 21, 1) }, /at most 1048576 bytes/],
    [
      "a config that is none",
      { body: tar([{ name: "adapter_config.json", bytes: Buffer.from("[") }, files[2]!]) },
      /JSON/,
    ],
  ])("%s", async (_, archive, why) => {
    const { url } = await serve({ archive });
    const error = await fetched(url).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(EngineError);
    expect((error as Error).message).toMatch(why);
  });

  test("a server that is not there", async () => {
    await expect(fetched("http://127.0.0.1:1")).rejects.toThrow(/--engine URL/);
  });
});

test("paths, links and sizes in an archive mean nothing here", () => {
  const bytes = Uint8Array.of(7);
  const archive = tar([
    { name: "../../etc/passwd", bytes },
    { name: "adapter_config.json", bytes: new Uint8Array(), type: "2" },
    { name: "/abs/../adapter_config.json", bytes },
  ]);
  expect([...filesIn(archive, ["adapter_config.json"])]).toEqual([
    ["adapter_config.json", Buffer.from(bytes)],
  ]);
});

describeShared("tinker", "an archive that SkyRL made", (recorded) => {
  test("opens as adapters of the base model, whose list of modules is null", async () => {
    const body = readFileSync(join(recorded, "skyrl-llama.a11.tar.gz"));
    const { url } = await serve({ archive: { body } });
    const model = await openModel(await fetched(url));
    expect(model.adapters?.lora).toMatchObject({ rank: 4, alpha: 32 });
    expect(model.adapters?.lora.targets).toHaveLength(7);
  });
});
