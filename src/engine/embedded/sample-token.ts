/**
 * One token from one row of probabilities: the likeliest, or drawn by inverting the cumulative sum.
 */
export interface Row {
  /** [V] probabilities, not necessarily summing to exactly 1. */
  readonly p: Float32Array;
  /** [V / blockSize] sums of consecutive blocks, so that a draw reads one block and not the whole row. */
  readonly blocks: Float32Array;
}

/** The likeliest token; the first of equals. */
export function likeliest({ p }: Row): number {
  let best = 0;
  for (let token = 1; token < p.length; token++) if (p[token] > p[best]) best = token;
  return best;
}

/** @param u  uniform on [0, 1) */
export function draw({ p, blocks }: Row, u: number): number {
  const blockSize = p.length / blocks.length;
  let total = 0;
  for (let i = 0; i < blocks.length; i++) total += blocks[i];
  let left = u * total;
  let block = 0;
  while (block < blocks.length - 1 && left >= blocks[block]) left -= blocks[block++];
  const start = block * blockSize;
  let last = -1;
  for (let token = start; token < start + blockSize; token++) {
    if (p[token] > 0) last = token;
    left -= p[token];
    if (left < 0) return token;
  }
  // Rounding can leave a crumb past the block's last token; it belongs to the last one that is possible.
  return last >= 0 ? last : likeliest({ p, blocks });
}

/** A draw from the `topK` likeliest tokens (0: all), and of those from the likeliest that reach `topP`. */
export function drawTruncated(row: Row, u: number, topK: number, topP: number): number {
  if (topK === 0 && topP >= 1) return draw(row, u);
  const order = candidates(row.p, topK, topP);
  let mass = 0;
  for (const token of order) mass += row.p[token];
  let left = u * mass;
  for (const token of order) {
    left -= row.p[token];
    if (left < 0) return token;
  }
  return order[order.length - 1];
}

/** The tokens left by both cuts, likeliest first, equal ones by id. At least one. */
function candidates(p: Float32Array, topK: number, topP: number): number[] {
  const byProbability = (tokens: number[]) => tokens.sort((a, b) => p[b] - p[a] || a - b);
  // Sorting a whole vocabulary for each token is slow; most of it is far too unlikely to matter.
  for (let floor = 1e-3; ; floor /= 100) {
    const tokens: number[] = [];
    const least = floor < 1e-12 ? -1 : floor;
    for (let token = 0; token < p.length; token++) if (p[token] > least) tokens.push(token);
    byProbability(tokens);
    if (topK > 0 && tokens.length < topK && least >= 0) continue;
    const kept = topK > 0 ? tokens.slice(0, topK) : tokens;
    // As the field has it, top-p cuts what top-k left: a share of that, not of the whole.
    const whole = topK > 0 ? kept.reduce((total, token) => total + p[token], 0) : 1;
    let mass = 0;
    let count = 0;
    while (count < kept.length && (count === 0 || mass < topP * whole)) mass += p[kept[count++]];
    if (least < 0 || topK > 0 || mass >= topP) return kept.slice(0, count);
  }
}
