import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openRuns } from "../../src/app/page/page-data.ts";
import { type PageServer, startPage } from "../../src/app/page/page-server.ts";
import { takeLock } from "../../src/run/run-lock.ts";
import { append, emptyRun, rolloutLine, stepLine } from "./run-folders.ts";

const token = "a-token-of-this-test";
const folder = emptyRun();
append(folder, "steps", stepLine(1) + stepLine(2));
append(folder, "rollouts", rolloutLine(1, 0, 0, "2") + rolloutLine(1, 0, 1, "<script>alert(1)</script>"));
for (const path of [join(folder, "private.txt"), join(dirname(folder), "steps.jsonl")])
  writeFileSync(path, "NOT-FOR-THE-PAGE\n");

let page: PageServer;
let port = 0;
beforeAll(async () => {
  page = await startPage(openRuns([folder]), { js: "/* js */", css: "" }, { port: 0, token });
  port = Number(new URL(page.link).port);
});
afterAll(() => page.close());

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly agent?: Agent;
}

/** By Node's client, which sends any Host and Origin. */
function send(path: string, { method = "GET", headers = {}, body, agent }: Sent = {}) {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }>(
    (resolve, reject) => {
      const asked = request({ host: "127.0.0.1", port, path, method, headers, agent }, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part) => parts.push(part));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            text: `${Buffer.concat(parts)}`,
          }),
        );
      });
      asked.on("error", reject);
      asked.end(body);
    },
  );
}

const cookie = () => ({ cookie: `errata-page-${port}=${token}` });

/** The stream's messages until one of them satisfies. */
async function messages(until: (message: string) => boolean, headers: Readonly<Record<string, string>> = {}) {
  const abort = new AbortController();
  const response = await fetch(`http://127.0.0.1:${port}/api/stream`, {
    headers: { ...cookie(), ...headers },
    signal: abort.signal,
  });
  const heard: string[] = [];
  let rest = "";
  for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
    const all = (rest + part).split("\n\n");
    rest = all.pop()!;
    for (const message of all) {
      heard.push(message);
      if (!until(message)) continue;
      abort.abort();
      return heard;
    }
  }
  return heard;
}

describe("the page's server answers", () => {
  test("who has the link, once by its token and then by a cookie that no script reads", async () => {
    const { status, headers } = await send(`/?token=${token}`);
    expect(status).toBe(200);
    expect(headers["set-cookie"]).toEqual([
      `errata-page-${port}=${token}; HttpOnly; SameSite=Strict; Path=/`,
    ]);
    expect((await send("/page.js", { headers: cookie() })).text).toBe("/* js */");
    expect((await send("/")).status).toBe(401);
    expect((await send(`/?token=${token}x`)).status).toBe(401);
    expect((await send("/api/runs", { headers: { cookie: `errata-page-${port}=` } })).status).toBe(401);
  });

  test.each([
    ["a name that is not its own", { host: "evil.example" }],
    ["a page of elsewhere", { origin: "https://evil.example" }],
    ["another page of this machine", { origin: "http://127.0.0.1:1" }],
    ["what a page of elsewhere embeds", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }],
  ])("never %s", async (_, headers) => {
    expect((await send("/api/runs", { headers: { ...cookie(), ...headers } })).status).toBe(403);
  });

  test("in no frame, without a word from elsewhere or inline, kept by no cache", async () => {
    const { headers, text } = await send("/", { headers: cookie() });
    expect(headers["content-security-policy"]).toContain("default-src 'none'; script-src 'self'");
    expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect(headers["content-security-policy"]).not.toContain("unsafe");
    expect(headers["cache-control"]).toBe("no-store");
    expect(text).not.toMatch(/<script>|style=|onload/);
  });

  test("GET alone, what is there alone", async () => {
    expect((await send("/", { method: "POST", headers: cookie() })).status).toBe(405);
    for (const path of [
      "/private.txt",
      "/api/private",
      "/api/../a-run/private.txt",
      "/api/group?run=1",
      "/api/step?run=0&step=-1",
    ])
      expect((await send(path, { headers: cookie() })).status, path).toBeGreaterThanOrEqual(400);
  });

  test("a step's groups, and one of them as it was written", async () => {
    const { groups } = JSON.parse((await send("/api/step?run=0", { headers: cookie() })).text);
    expect(groups).toEqual([expect.objectContaining({ problem: "p-0", right: 1, wrong: 1, kept: true })]);
    const one = await send("/api/group?run=0&step=1&draw=0", { headers: cookie() });
    expect(one.headers["content-type"]).toContain("application/json");
    expect(JSON.parse(one.text).rollouts[1].text).toBe("<script>alert(1)</script>");
  });
});

test("asks a run that is at work for what it was told, as JSON from its own page alone", async () => {
  const path = "/api/tell?run=0";
  const ask = (headers: Readonly<Record<string, string>>, request: string) =>
    send(path, { method: "POST", headers: { ...cookie(), ...headers }, body: JSON.stringify({ request }) });
  const json = { "content-type": "application/json" };
  expect((await ask({ ...json, origin: "http://127.0.0.1:1" }, "pause")).status).toBe(403);
  expect((await ask({ "content-type": "text/plain" }, "pause")).status).toBe(415);
  expect((await ask(json, "remove")).status).toBe(400);
  expect((await ask(json, "pause")).text).toContain("at work on");
  const release = await takeLock(folder);
  expect((await ask(json, "pause")).status).toBe(200);
  const [file] = readdirSync(join(folder, "requests"));
  expect(file).toMatch(/-pause$/);
  await release();
  rmSync(join(folder, "requests"), { recursive: true });
});

test("names the file where a run's options are broken", async () => {
  const broken = emptyRun("broken");
  writeFileSync(join(broken, "options.yaml"), "# errata train\nmodel: [\n");
  const runs = openRuns([broken]).answer("runs", new URLSearchParams());
  await expect(runs).rejects.toThrow(
    /broken.options\.yaml: expected the options that the run wrote, in YAML/,
  );
});

describe("the page's stream", () => {
  test("has every line as it stands in the file, then each new one within a second, and goes on where it was cut off", async () => {
    const first = await messages((message) => message.startsWith("event: states"));
    expect(first[0]).toContain(stepLine(2).trim());
    // the least of several: a busy machine is late, and once is enough to show what the server itself takes
    const took: number[] = [];
    for (const step of [3, 4, 5]) {
      let began = 0;
      const heard = messages((message) => message.includes(`"step":${step}`));
      setTimeout(() => {
        began = performance.now();
        append(folder, "steps", stepLine(step));
      }, 300);
      await heard;
      took.push(performance.now() - began);
    }
    expect(Math.min(...took)).toBeLessThan(1000);
    const id = /^id: (.*)$/m.exec(first[0]!)![1]!;
    const [rest] = await messages((message) => message.includes('"step":3'), { "last-event-id": id });
    expect(rest).not.toContain('"step":2');
  });

  test("begins anew where a resumed run has cut the file", async () => {
    const other = emptyRun("cut");
    append(other, "steps", stepLine(1) + stepLine(2) + stepLine(3));
    const data = openRuns([other]);
    const { cursor } = await data.linesFrom("0.steps", undefined);
    expect(await data.linesFrom("0.steps", cursor)).toMatchObject({ lines: [], isCut: false });
    writeFileSync(join(other, "steps.jsonl"), stepLine(1) + stepLine(2).slice(0, 20));
    expect(await data.linesFrom("0.steps", cursor)).toMatchObject({
      isCut: true,
      lines: [stepLine(1).trim()],
    });
  });
});

test("10,000 requests of chance crash nothing, change nothing and read no other file", async () => {
  const before = hashOf(folder);
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  let seed = 7;
  const chance = (most: number) => (seed = (seed * 48271) % 2147483647) % most;
  const one = <T>(list: readonly T[]): T => list[chance(list.length)]!;
  const words = [
    "..",
    "%2e%2e",
    "%00",
    "private.txt",
    "api",
    "step",
    "group",
    "runs",
    "stream/..",
    "page.js",
    "\\",
    "//",
    "?",
    "#",
    "%",
    "é",
    "etc/passwd",
    "a".repeat(900),
    "__proto__",
    "constructor",
  ];
  const values = ["0", "1", "-1", "1e9", "NaN", "../..", "%2fprivate.txt", "9".repeat(30), "__proto__", ""];
  const path = () => {
    const parts = Array.from({ length: chance(4) + 1 }, () => one(words));
    const query = Array.from(
      { length: chance(4) },
      () => `${one(["run", "step", "draw", "token", "file"])}=${one(values)}`,
    );
    return encodeURI(`/${parts.join("/")}${query.length > 0 ? `?${query.join("&")}` : ""}`).replaceAll(
      "%25",
      "%",
    );
  };
  const statuses = new Map<number, number>();
  const seen = (status: number, text: string) => {
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (text.includes("NOT-FOR-THE-PAGE") || text.includes("root:")) throw new Error(text);
  };
  for (let batch = 0; batch < 1200; batch++)
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        const headers = chance(4) === 0 ? { host: one(["x", "127.0.0.1:1", "[::1]", "%"]) } : cookie();
        const method = one(["GET", "GET", "GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE"]);
        const { status, text } = await send(path(), { method, headers, agent });
        seen(status, text);
      }),
    );
  agent.destroy();
  for (let i = 0; i < 400; i++) {
    const bytes = Buffer.from(Array.from({ length: chance(300) }, () => chance(256)));
    const line = one([
      `GET ${one(words)} HTTP/1.1\r\n`,
      "GET / HTTP/9\r\n\r\n",
      "",
      "POST /api/tell HTTP/1.1\r\ncontent-length: 99\r\n\r\n",
    ]);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => socket.end(Buffer.concat([Buffer.from(line), bytes])));
      let text = "";
      socket
        .on("data", (part) => (text += part))
        .on("error", () => resolve(text))
        .on("close", () => resolve(text));
    });
    seen(Number(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1] ?? 0), answer);
  }
  expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([]);
  expect(statuses.get(200)).toBeGreaterThan(50);
  expect((await send("/api/runs", { headers: cookie() })).status).toBe(200);
  expect(hashOf(folder)).toBe(before);
});

function hashOf(path: string): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(path).sort()) hash.update(name).update(readFileSync(join(path, name)));
  return hash.digest("hex");
}
