/**
 * One token from one row of probabilities that is cut first: to the likeliest, so many or of so much mass.
 */

/**
 * A draw from the `topK` likeliest tokens (0: all), and of those from the likeliest that reach `topP`.
 *
 * @param p  [V] probabilities, not necessarily summing to exactly 1
 * @param u  uniform on [0, 1)
 */
export function drawTruncated(p: Float32Array, u: number, topK: number, topP: number): number {
  const order = candidates(p, topK, topP);
  let mass = 0;
  for (const token of order) mass += p[token];
  let left = u * mass;
  for (const token of order) {
    left -= p[token];
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
