/** The value of an expression of whole numbers, `+ - * /` and parentheses, worked out apart from the generators. */
export function value(text: string): number {
  const tokens = text.match(/\d+|[-+*/()]/g)!;
  let at = 0;
  const atom = (): number => {
    const token = tokens[at++];
    if (token !== "(") return Number(token);
    const inner = sum();
    at++;
    return inner;
  };
  const product = (): number => {
    let total = atom();
    while (tokens[at] === "*" || tokens[at] === "/")
      total = tokens[at++] === "*" ? total * atom() : total / atom();
    return total;
  };
  const sum = (): number => {
    let total = product();
    while (tokens[at] === "+" || tokens[at] === "-")
      total = tokens[at++] === "+" ? total + product() : total - product();
    return total;
  };
  return sum();
}
