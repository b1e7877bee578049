/**
 * JSON text whose numbers all survive being parsed: those that would be rounded are put in quotes.
 *
 *   {"answer": 12345678901234567890}   →   {"answer": "12345678901234567890"}
 *
 * A reference answer that is changed in its last digits makes every right answer wrong.
 */
import { holds, plainDecimal } from "./decimal.ts";

/** Only a number of more than 15 digits, or with an exponent, may be changed. */
const suspicious = /\d[\d.]{15}|\d[eE]/;
const number = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/**
 * @param json  what JSON can parse
 * @returns     the same text where no number is changed, as nearly always
 */
export function keepNumbers(json: string): string {
  if (!suspicious.test(json)) return json;
  const pieces: string[] = [];
  let from = 0;
  for (let at = 0; at < json.length; ) {
    if (json[at] === '"') {
      at = endOfString(json, at);
      continue;
    }
    number.lastIndex = at;
    const token = number.exec(json)?.[0];
    if (token === undefined) {
      at++;
      continue;
    }
    const end = at + token.length;
    if (!holds(Number(token), token)) {
      pieces.push(json.slice(from, at), `"${plainDecimal(token) ?? token}"`);
      from = end;
    }
    at = end;
  }
  return from === 0 ? json : pieces.join("") + json.slice(from);
}

function endOfString(json: string, start: number): number {
  for (let at = start + 1; at < json.length; at++) {
    if (json[at] === "\\") at++;
    else if (json[at] === '"') return at + 1;
  }
  return json.length;
}
