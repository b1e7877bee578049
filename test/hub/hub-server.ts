/** A small hub: real files behind the API that the hub's client asks, and whatever can go wrong with one. */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Served {
  readonly kind?: "models" | "datasets";
  readonly repo: string;
  readonly commit: string;
  readonly files: Readonly<Record<string, Buffer>>;
}

/** What goes wrong; all of it can be changed while the server runs. */
export interface Faults {
  /** The status of every answer of the API or of a file. */
  apiStatus?: number;
  fileStatus?: number;
  /** Breaks the connection after so many bytes of an answer, so many times. */
  cut?: { bytes: number; times: number };
  ignoreRanges?: boolean;
  /** Sends nothing more after the first bytes of a file. */
  stall?: boolean;
  /** What is sent in place of a file's content. */
  content?: (path: string, bytes: Buffer) => Buffer;
  /** What is listed in place of the files. */
  listing?: (entries: Entry[]) => unknown;
  sha?: string;
  /** An answer of the API that never ends. */
  endless?: boolean;
}

export interface Entry {
  type: string;
  path: string;
  size: number;
  oid: string;
  lfs?: { oid: string; size: number; pointerSize: number };
}

export interface Asked {
  readonly path: string;
  readonly range: string | undefined;
  readonly token: string | undefined;
  readonly host: string;
}

export interface Hub {
  readonly endpoint: string;
  readonly faults: Faults;
  /** Every request, the storage's too. */
  readonly asked: Asked[];
  readonly files: () => string[];
  serve(...repos: Served[]): void;
  close(): Promise<void>;
}

const largeBytes = 1000;

/** Large files are answered by a redirect to a storage server of another origin, as the hub does. */
export async function startHub(): Promise<Hub> {
  // a proxy of whoever runs the tests is not asked for it
  const exceptions = process.env.no_proxy === undefined ? "NO_PROXY" : "no_proxy";
  process.env[exceptions] = [process.env[exceptions], "127.0.0.1"].filter(Boolean).join();
  const repos: Served[] = [];
  const faults: Faults = {};
  const asked: Asked[] = [];
  const note = (request: IncomingMessage) =>
    asked.push({
      path: decodeURIComponent(request.url!),
      range: request.headers.range,
      token: request.headers.authorization,
      host: request.headers.host!,
    });
  const storage = createServer((request, response) => {
    note(request);
    const [, , kind, owner, name, ...path] = decodeURIComponent(request.url!).split("/");
    const found = repos.find((one) => (one.kind ?? "models") === kind && one.repo === `${owner}/${name}`);
    sendFile(request, response, path.join("/"), found!.files[path.join("/")]!, faults);
  });
  const storageAddress = await listen(storage);
  const server = createServer((request, response) => {
    note(request);
    answer(request, response, repos, faults, storageAddress);
  });
  const endpoint = await listen(server);
  return {
    endpoint,
    faults,
    asked,
    files: () => asked.filter(({ path }) => !path.startsWith("/api/")).map(({ path }) => path),
    serve: (...more) => void repos.splice(0, repos.length, ...more),
    async close() {
      for (const one of [server, storage]) {
        one.closeAllConnections();
        await new Promise((done) => one.close(done));
      }
    },
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  repos: readonly Served[],
  faults: Faults,
  storage: string,
): unknown {
  const url = new URL(request.url!, "http://hub");
  const path = decodeURIComponent(url.pathname);
  const api = /^\/api\/(models|datasets)\/([^/]+\/[^/]+)\/(revision|tree)\/(.+)$/.exec(path);
  const file = /^\/(datasets\/)?([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path);
  const kind = api?.[1] ?? (file?.[1] === undefined ? "models" : "datasets");
  const repo = repos.find((one) => (one.kind ?? "models") === kind && one.repo === (api ?? file)?.[2]);
  const status = (api ? faults.apiStatus : faults.fileStatus) ?? (repo === undefined ? 404 : 200);
  if (status !== 200 || repo === undefined) return json(response, status, { error: "no" });
  if (api && faults.endless) {
    const more = () =>
      void (response.write(" ".repeat(2 ** 16)) ? setImmediate(more) : response.once("drain", more));
    response.on("error", () => undefined).writeHead(200, { "content-type": "application/json" });
    return more();
  }
  if (api?.[3] === "revision")
    return json(response, 200, { _id: "1", id: repo.repo, sha: faults.sha ?? repo.commit });
  if (api?.[3] === "tree") return list(url, response, repo, faults);
  const bytes = repo.files[file![4]!];
  if (bytes === undefined) return json(response, 404, { error: "Entry not found" });
  if (bytes.length < largeBytes) return sendFile(request, response, file![4]!, bytes, faults);
  response.writeHead(302, { location: encodeURI(`${storage}/store/${kind}/${repo.repo}/${file![4]}`) }).end();
}

/** Two pages, as the hub pages long listings. */
function list(url: URL, response: ServerResponse, repo: Served, faults: Faults): unknown {
  const entries = Object.entries(repo.files).map(([path, bytes]) => entryOf(path, bytes));
  const listed = (faults.listing === undefined ? entries : faults.listing(entries)) as unknown[];
  if (!Array.isArray(listed)) return json(response, 200, listed);
  const half = Math.ceil(listed.length / 2);
  if (url.searchParams.has("cursor")) return json(response, 200, listed.slice(half));
  const next = `<http://${response.req.headers.host}${url.pathname}${url.search}&cursor=2>; rel="next"`;
  response.setHeader("link", next);
  json(response, 200, listed.slice(0, half));
}

export function entryOf(path: string, bytes: Buffer): Entry {
  const oid = createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
  const sha = createHash("sha256").update(bytes).digest("hex");
  const lfs = { oid: sha, size: bytes.length, pointerSize: 130 };
  return { type: "file", path, size: bytes.length, oid, ...(bytes.length < largeBytes ? {} : { lfs }) };
}

function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  whole: Buffer,
  faults: Faults,
): unknown {
  const bytes = faults.content?.(path, whole) ?? whole;
  const range = faults.ignoreRanges ? null : /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  const start = range === null ? 0 : Number(range[1]);
  if (start >= bytes.length && start > 0) return response.writeHead(416).end();
  const headers = { "content-length": bytes.length - start };
  if (range === null) response.writeHead(200, headers);
  else
    response.writeHead(206, {
      ...headers,
      "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
    });
  const { cut } = faults;
  if (faults.stall) return response.write(bytes.subarray(start, start + 10));
  if (cut === undefined || cut.times === 0 || start + cut.bytes >= bytes.length)
    return response.end(bytes.subarray(start));
  cut.times--;
  response.write(bytes.subarray(start, start + cut.bytes), () =>
    setTimeout(() => request.socket.destroy(), 20),
  );
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}
