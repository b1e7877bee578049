/**
 * A row of a data set, read as a problem.
 *
 * The field has several names for each column; all of them are known here, and whatever else the
 * row holds goes with the problem for verifiers that need it.
 */
import type { Message, Problem } from "../types.ts";

/** What a row must bring: a reference answer for a verifier, or a worked solution to imitate. */
export type Need = "answer" | "solution";

const promptColumns = ["problem", "question", "prompt"] as const;
const answerColumns = ["answer", "ground_truth"] as const;
const roles = ["system", "user", "assistant"];

/**
 * @param place  names a row that has no `id`: its line, from 1
 * @returns      the problem, or what is wrong with the row, in words
 */
export function readRow(row: unknown, place: number, need: Need): Problem | string {
  if (typeof row !== "object" || row === null || Array.isArray(row)) {
    return `is ${Array.isArray(row) ? "a list" : JSON.stringify(row)}, not an object`;
  }
  const columns = row as Record<string, unknown>;
  const promptColumn = promptColumns.find((name) => filled(columns[name]));
  if (promptColumn === undefined) return `has no ${promptColumns.join(", ")} (it has ${names(columns)})`;
  const prompt = readPrompt(columns[promptColumn]);
  if (prompt === undefined) {
    return `has a ${promptColumn} that is neither text nor a list of {role, content} that ends with the user`;
  }
  const answer = readAnswer(columns);
  if (need === "answer" && answer === undefined) {
    return `has no answer, ground_truth or reward_model.ground_truth (it has ${names(columns)})`;
  }
  const solution = columns.solution;
  if (need === "solution" && !(typeof solution === "string" && solution.trim() !== "")) {
    return `has no solution to imitate (it has ${names(columns)})`;
  }
  const { id, ...rest } = columns;
  const used = new Set<string>([promptColumn, "answer", "solution"]);
  const extra = Object.fromEntries(Object.entries(rest).filter(([name]) => !used.has(name)));
  return {
    id: typeof id === "string" || typeof id === "number" ? String(id) : `row-${place}`,
    prompt,
    answer: answer ?? "",
    ...(typeof solution === "string" ? { solution } : {}),
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  };
}

function filled(value: unknown): boolean {
  return typeof value === "string" ? value.trim() !== "" : Array.isArray(value) && value.length > 0;
}

function readPrompt(value: unknown): string | Message[] | undefined {
  if (typeof value === "string") return value;
  const turns = value as readonly unknown[];
  const messages: Message[] = [];
  for (const turn of turns) {
    if (typeof turn !== "object" || turn === null) return undefined;
    const { role, content } = turn as Record<string, unknown>;
    if (typeof role !== "string" || !roles.includes(role) || typeof content !== "string") return undefined;
    messages.push({ role: role as Message["role"], content });
  }
  return messages.at(-1)?.role === "user" ? messages : undefined;
}

function readAnswer(columns: Record<string, unknown>): string | undefined {
  const reward = columns.reward_model;
  const nested =
    typeof reward === "object" && reward !== null
      ? (reward as Record<string, unknown>).ground_truth
      : undefined;
  for (const value of [...answerColumns.map((name) => columns[name]), nested]) {
    if (typeof value === "number" && Number.isFinite(value)) return String(value);
    if (typeof value === "string" && value.trim() !== "") return value;
  }
  return undefined;
}

function names(columns: Record<string, unknown>): string {
  return Object.keys(columns).slice(0, 12).join(", ") || "no columns";
}
