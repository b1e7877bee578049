/** Requests that come side by side are answered side by side, each as it would be alone. */
import { expect, test } from "vitest";
import { base, json, post } from "./served.ts";

const asked = (text: string) => ({
  ...base,
  messages: [{ role: "user", content: text }],
  max_tokens: 60,
});
const texts = ["1+1=?", "2+2=?", "12+34=?", "5", "99+1=?", "7+8=?", "3+3=?", "60+7=?"];

test("the same answers come of requests in a row and side by side, of whatever settings", async () => {
  const bodies = [
    ...texts.map(asked),
    { ...asked("1+1=?"), temperature: 0 },
    { ...asked("1+1=?"), n: 3 },
    { ...asked("1+1=?"), seed: 6 },
    { ...asked("1+1=?"), max_tokens: 5 },
    { ...asked("1+1=?"), stop: ["1", "2", "3"] },
  ];
  const alone = [];
  for (const body of bodies) alone.push((await json(post("/chat/completions", body))).choices);
  const together = await Promise.all(bodies.map((body) => json(post("/chat/completions", body))));
  expect(together.map(({ choices }) => choices)).toEqual(alone);
});

test("streams grow at the same time", async () => {
  const order: number[] = [];
  const follow = async (text: string, index: number) => {
    const { body } = await post("/chat/completions", { ...asked(text), max_tokens: 400, stream: true });
    for await (const _ of body!) order.push(index);
  };
  await Promise.all(["1+1=?", "2+2=?"].map(follow));
  const first = (index: number) => order.indexOf(index);
  expect(Math.max(first(0), first(1))).toBeLessThan(Math.min(order.lastIndexOf(0), order.lastIndexOf(1)));
});

test("one that goes away, or ends early, leaves the others as they are", async () => {
  const long = { ...asked("12+34=?"), max_tokens: 300 };
  const whole = (await json(post("/chat/completions", long))).choices;
  const abort = new AbortController();
  const gone = post("/chat/completions", { ...long, stream: true }, { signal: abort.signal }).then(
    async ({ body }) => {
      await body!.getReader().read();
      abort.abort();
    },
  );
  const ended = json(post("/chat/completions", { ...long, stop: [whole[0].message.content.slice(3, 5)] }));
  const stays = json(post("/chat/completions", long));
  await gone;
  expect((await ended).choices[0].message.content).toBe(
    whole[0].message.content.slice(0, whole[0].message.content.indexOf(whole[0].message.content.slice(3, 5))),
  );
  expect((await stays).choices).toEqual(whole);
});

test("requests without a seed have answers of their own, side by side too", async () => {
  const { seed: _, ...unseeded } = asked("1+1=?");
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => json(post("/chat/completions", unseeded))),
  );
  expect(new Set(answers.map(({ choices }) => choices[0].message.content)).size).toBe(6);
});
