import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const folders = ["src", "test", "scripts", "bench", "examples"];
const files = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((file) => `${folder}/${file.split(sep).join("/")}`)
    .filter((file) => /\.(ts|tsx|mts|mjs)$/.test(file) && !file.includes("node_modules")),
);
const text = new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));

/** `{ a, type B, c as d }` or `{ a: b }` → the names as they are exported. */
const namesIn = (list: string): string[] =>
  list.split(",").flatMap((item) => item.trim().match(/^(?:type )?(\w+)/)?.[1] ?? []);

/**
 * What a file declares and exports. A type that stands in what else the file exports belongs to that, whether or not
 * someone imports it by its name.
 */
function exportsOf(file: string): string[] {
  const source = text.get(file)!;
  const values = source.matchAll(/^export (?:async )?(?:const|function\*?|class) (\w+)/gm);
  const types = [...source.matchAll(/^export (?:interface|type) (\w+)/gm)].filter(
    ([, name]) => source.match(new RegExp(`\\b${name}\\b`, "g"))!.length === 1,
  );
  return [...values, ...types].map(([, name]) => name!);
}

/** What a file takes of the others, as `file name`; a `*` stands for all of one. */
function takenBy(file: string): string[] {
  const target = (path: string) =>
    relative(root, join(root, dirname(file), path))
      .split(sep)
      .join("/");
  const source = text.get(file)!;
  const named = source.matchAll(/(?:import|export)(?: type)? \{([^}]*)\} from\s+"(\.[^"]+)"/g);
  const awaited = source.matchAll(/(?:const|let) \{([^}]*)\} =\s*await import\(\s*"(\.[^"]+)"/g);
  const whole = source.matchAll(/(?:import|export) \* (?:as \w+ )?from\s+"(\.[^"]+)"/g);
  const later = source.matchAll(/(?<!\} =\s*await )import\(\s*"(\.[^"]+)"/g);
  return [
    ...[...named, ...awaited].flatMap(([, names, path]) =>
      namesIn(names!).map((name) => `${target(path!)} ${name}`),
    ),
    ...[...whole, ...later].map(([, path]) => `${target(path!)} *`),
  ];
}

test("every value of src that is exported is imported by another file, and no type stands alone", () => {
  const taken = new Set(files.flatMap(takenBy));
  const unused = files
    .filter((file) => file.startsWith("src/"))
    .filter((file) => !taken.has(`${file} *`))
    .flatMap((file) => exportsOf(file).map((name) => `${file} ${name}`))
    .filter((one) => !taken.has(one));
  expect(unused).toEqual([]);
});
