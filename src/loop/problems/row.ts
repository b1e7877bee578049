/**
 * A row of a data set, read as a problem.
 *
 * Whatever the row holds beside its problem, answer and solution goes with them, for verifiers that need it.
 */
import type { Message, Problem } from "../types.ts";
import { Columns, type Found } from "./columns.ts";
import { mayBeRounded, plainDecimal } from "./decimal.ts";
import { type Fields, jsonIn } from "./fields.ts";

/** What a row must bring beside its problem: a reference answer for a verifier, a worked solution to imitate, or nothing. */
export type Need = "answer" | "solution" | "nothing";

export interface Reading {
  readonly need: Need;
  /** Where the fields are; those not named are looked for under the usual names. */
  readonly fields: Fields;
  /** True where every value is text as it was typed, such as in CSV: what should be a list is JSON in a cell. */
  readonly typed: boolean;
  /** The row with text in place of numbers that are rounded in it. */
  readonly exact?: unknown;
}

const roles = ["system", "user", "assistant"];

/**
 * @param place  names a row that has no `id`: its line or number, from 1
 * @returns      the problem, or what is wrong with the row in words that go on from "line 3"
 */
export function readRow(row: unknown, place: number, reading: Reading): Problem | string {
  if (typeof row !== "object" || row === null || Array.isArray(row)) {
    return `is ${Array.isArray(row) ? "a list" : JSON.stringify(row)?.slice(0, 60)}, not an object`;
  }
  const { need, fields, typed, exact = row } = reading;
  const columns = new Columns(row as Record<string, unknown>, fields, typed);
  const exactColumns = new Columns(exact as Record<string, unknown>, fields, typed);
  const asked = columns.find("problem", readsAs("problem"));
  if (asked === undefined) return columns.missing("problem");
  const conversation = readPrompt(asked.value, typed);
  if (conversation === undefined) {
    return `has a ${asked.path.join(".")} that is neither text nor a list of {role, content} that ends with the user`;
  }
  const worked = columns.find("solution", readsAs("solution"));
  const answered = exactColumns.find("answer", readsAs("answer"));
  const said = answered && answerIn(answered.value)!;
  const hashed = said === undefined ? undefined : afterHashes(said);
  // an answer after its working, as in GSM8K, is the solution too
  const solution = (worked?.value as string | undefined) ?? conversation.solution ?? (hashed && said);
  const answer = hashed ?? said ?? (solution === undefined ? undefined : (afterHashes(solution) ?? solution));
  if (need !== "solution" && answered === undefined && columns.find("answer", isRounded) !== undefined)
    return "has an answer too long for a number; put it in quotes";
  if (need === "answer" && answer === undefined) return columns.missing("answer");
  if (need === "solution" && solution === undefined) return columns.missing("solution");

  const named = exactColumns.find("id", isName);
  // a column that was read within is kept, since it may hold more, and so is an answer that is not text to a program
  // and one that nobody asked for, in a column of another name: it may be what the verifier reads
  const isAskedFor = need !== "nothing" || fields.answer === undefined;
  const isWhole = (one: Found | undefined) =>
    one !== answered || (isAskedFor && plainText(one?.value) !== undefined);
  const read = [asked, worked, answered, named].flatMap((one) => (isWhole(one) ? (one?.columns ?? []) : []));
  const rest = Object.entries(row).filter(([name]) => !read.includes(name));
  const extra = Object.fromEntries(rest.map(([name, value]) => [name, typed ? untyped(value) : value]));
  return {
    id: named === undefined ? `row-${place}` : String(named.value),
    prompt: conversation.prompt,
    answer: answer ?? "",
    ...(solution === undefined ? {} : { solution }),
    ...(rest.length > 0 ? { extra } : {}),
  };
}

/** Whether a value can be read as what a field is. */
export function readsAs(field: "problem" | "answer" | "solution"): (value: unknown) => boolean {
  if (field === "answer") return (value) => answerIn(value) !== undefined;
  return field === "problem" ? isPrompt : isText;
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "";
}

function isName(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number";
}

function isPrompt(value: unknown): boolean {
  return isText(value) || (Array.isArray(value) && value.length > 0);
}

interface Conversation {
  readonly prompt: string | readonly Message[];
  /** The assistant's last turn, where the conversation ends with one. */
  readonly solution?: string;
}

function readPrompt(value: unknown, typed: boolean): Conversation | undefined {
  if (typeof value === "string") {
    const turns = typed ? jsonIn(value) : undefined;
    return (Array.isArray(turns) && readTurns(turns)) || { prompt: value };
  }
  return readTurns(value as readonly unknown[]);
}

function readTurns(turns: readonly unknown[]): Conversation | undefined {
  const messages: Message[] = [];
  for (const turn of turns) {
    if (typeof turn !== "object" || turn === null) return undefined;
    const { role, content } = turn as Record<string, unknown>;
    if (typeof role !== "string" || !roles.includes(role) || typeof content !== "string") return undefined;
    messages.push({ role: role as Message["role"], content });
  }
  const last = messages.at(-1);
  const [prompt, solution] =
    last?.role === "assistant" ? [messages.slice(0, -1), last.content] : [messages, undefined];
  if (prompt.at(-1)?.role !== "user") return undefined;
  return solution === undefined ? { prompt } : { prompt, solution };
}

/** The text of an answer: text, a number, a list of one such, or any other value as JSON. */
function answerIn(value: unknown): string | undefined {
  const text = plainText(value);
  if (text !== undefined) return text;
  const isJson = typeof value === "boolean" || (typeof value === "object" && value !== null);
  return isJson && !isRounded(value) ? JSON.stringify(value) : undefined;
}

/** What needs no JSON: text, a number, or a list of one such. */
function plainText(value: unknown): string | undefined {
  if (typeof value === "number" && Number.isFinite(value) && !mayBeRounded(value))
    return plainDecimal(String(value));
  if (isText(value)) return value as string;
  return Array.isArray(value) && value.length === 1 ? plainText(value[0]) : undefined;
}

function isRounded(value: unknown): boolean {
  if (Array.isArray(value) && value.length === 1) return isRounded(value[0]);
  return typeof value === "number" && Number.isFinite(value) && mayBeRounded(value);
}

/** What follows the last `####` of a worked solution, as in GSM8K. */
function afterHashes(text: string): string | undefined {
  const at = text.lastIndexOf("####");
  if (at < 0 || (at > 0 && text[at - 1] !== "\n")) return undefined;
  return text.slice(at + 4).trim() || undefined;
}

/** A column no one has read yet, as a verifier would want it: a list or object that was typed as JSON. */
function untyped(value: unknown): unknown {
  return typeof value === "string" ? (jsonIn(value) ?? value) : value;
}
