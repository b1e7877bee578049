/**
 * Colours: one for one method, in every picture. They are apart for eyes that see fewer colours, too (Okabe and
 * Ito), and can be read on white and on black.
 */

const own: Readonly<Record<string, string>> = {
  nft: "#0072b2",
  rft: "#d55e00",
  grpo: "#009e73",
  dapo: "#cc79a7",
  dr_grpo: "#e69f00",
};

/** Of methods that have none of their own, in the order of their first being drawn. */
const others = ["#56b4e9", "#8c6d31", "#888888", "#9467bd", "#b3a900", "#e377c2"];

/** Of groups by how many of their answers are right, from none to all. */
export const shades: readonly string[] = ["#7f2704", "#d94801", "#fdae6b", "#9ecae1", "#08519c"];

/** The colours of methods that are drawn together, by their names. */
export function methodColours(methods: readonly string[]): ReadonlyMap<string, string> {
  const rest = methods.filter((method) => !Object.hasOwn(own, method));
  return new Map(
    methods.map((method) => [method, own[method] ?? others[rest.indexOf(method) % others.length]!] as const),
  );
}
