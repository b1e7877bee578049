/**
 * A finding: one line of what the doctor looked at, and what to do about it.
 */
import { ErrataError } from "../../errors.ts";

/** The parts of the page, in its order. */
const doctorSections = ["machine", "model", "data", "memory", "speed", "step"] as const;
export type DoctorSection = (typeof doctorSections)[number];

export interface Finding {
  readonly section: DoctorSection;
  /** A word or two, the same in every report. */
  readonly name: string;
  /** `problem`: a run with these options would fail or be worthless. `note`: it would go, and there is something to know. */
  readonly status: "ok" | "note" | "problem";
  readonly text: string;
  /** What to do, as a sentence; every problem has it. */
  readonly next?: string;
  /** The numbers behind the text, their units in their names. */
  readonly values?: Readonly<Record<string, number>>;
}

/** Hears of each finding as it is made. */
export type OnFinding = (finding: Finding) => void;

/** What went wrong, as a problem. @throws the fault itself where it is no person's to mend */
export function problemOf(section: DoctorSection, name: string, fault: unknown): Finding {
  if (!(fault instanceof ErrataError)) throw fault;
  const { where, expected, got, next } = fault;
  return { section, name, status: "problem", text: `${where}: expected ${expected}, got ${got}`, next };
}

/** Bytes as a person says them: `13 MB`, `1.61 GB`. */
export function size(bytes: number): string {
  return bytes < 1e9 ? `${digits(bytes / 1e6)} MB` : `${digits(bytes / 1e9)} GB`;
}

/** Seconds as a person says them: `12 ms`, `3.1 s`, `4 min 10 s`, `2 h 05 min`. */
export function time(seconds: number): string {
  if (seconds < 1e-3) return `${digits(seconds * 1e6)} µs`;
  if (seconds < 1) return `${digits(seconds * 1e3)} ms`;
  if (seconds < 59.5) return `${digits(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (seconds < 3600) return `${Math.floor(Math.round(seconds) / 60)} min ${pad(Math.round(seconds) % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** Three digits at most, whole numbers whole, with commas by thousands. */
export function digits(value: number): string {
  const rounded = value >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
  return rounded.toLocaleString("en", { maximumFractionDigits: 12 });
}

const pad = (count: number) => String(count).padStart(2, "0");
