/**
 * Progress: the moving line of a long phase.
 *
 *   step 12/60  rollouts  ████████░░░░░░░░░░░░  103/256   4 s, 6 s left
 */
const CELLS = 20;

/** How far a phase has come: `done` of `total`, `seconds` since it began. */
export function progressLine(label: string, done: number, total: number, seconds: number): string {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const filled = Math.round(share * CELLS);
  const bar = "█".repeat(filled) + "░".repeat(CELLS - filled);
  // the first few percent say too little about the rest
  const left = share > 0.03 && share < 1 ? `, ${duration((seconds * (1 - share)) / share)} left` : "";
  return `${label}  ${bar}  ${done}/${total}   ${duration(seconds)}${left}`;
}

/** Seconds as a person says them: `8 s`, `2 min 05 s`, `1 h 20 min`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} min`;
}
