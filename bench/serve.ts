/**
 * Requests side by side and one after another: tokens a second, on the clock and of a processor.
 *
 *   npx tsx bench/serve.ts MODEL [REQUESTS] [TOKENS] [ROUNDS]
 *
 * Server, model and clients are one process, whose processor time (user and system) is that of all threads. The two
 * ways take turns, so that another program's load falls on both; all answers are as long as they may be.
 */
import { startServer } from "../src/app/server/server.ts";
import { serverSettings } from "../src/app/server/server-settings.ts";
import { Responder } from "../src/commands/chat/responder.ts";

const [model = "pocket", requests = "32", tokens = "48", rounds = "3"] = process.argv.slice(2);
const responder = await Responder.open("serve", { model });
const settings = { host: "127.0.0.1", port: 0, apiKey: undefined, allowedHosts: undefined, cors: undefined };
const server = await startServer(responder, serverSettings(settings, {}));

/** One answer's tokens. */
async function ask(index: number): Promise<number> {
  const content = `${index + 3}+${7 * index}=?`;
  const response = await fetch(`${server.url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      model: responder.name,
      messages: [{ role: "user", content }],
      max_tokens: Number(tokens),
      temperature: 1,
      seed: 1,
    }),
  });
  const { usage } = (await response.json()) as { usage: { completion_tokens: number } };
  return usage.completion_tokens;
}

interface Took {
  readonly tokens: number;
  readonly seconds: number;
  readonly processorSeconds: number;
}

async function timed(work: () => Promise<number[]>): Promise<Took> {
  const [began, used] = [performance.now(), process.cpuUsage()];
  const counts = await work();
  const { user, system } = process.cpuUsage(used);
  return {
    tokens: counts.reduce((sum, count) => sum + count, 0),
    seconds: (performance.now() - began) / 1000,
    processorSeconds: (user + system) / 1e6,
  };
}

const indexes = Array.from({ length: Number(requests) }, (_, index) => index);
const ways = {
  "in a row": async () => {
    const counts: number[] = [];
    for (const index of indexes) counts.push(await ask(index));
    return counts;
  },
  "side by side": () => Promise.all(indexes.map(ask)),
};
await ask(0);
const took: Record<keyof typeof ways, Took[]> = { "in a row": [], "side by side": [] };
for (let round = 0; round < Number(rounds); round++)
  for (const way of ["in a row", "side by side"] as const) took[way].push(await timed(ways[way]));

const rate = (of: (one: Took) => number, way: keyof typeof ways) =>
  took[way].map((one) => one.tokens / of(one)).sort((a, b) => b - a)[0]!;
for (const [name, of] of [
  ["on the clock", (one: Took) => one.seconds],
  ["of a processor", (one: Took) => one.processorSeconds],
] as const) {
  const [row, side] = [rate(of, "in a row"), rate(of, "side by side")];
  console.log(
    `tokens/s ${name}, best of ${rounds}: ${row.toFixed(0)} in a row, ${side.toFixed(0)} side by side, ${(side / row).toFixed(2)} times`,
  );
}
console.log(JSON.stringify(took));
await server.close();
await responder.close();
