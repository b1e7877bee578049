/** Breaks on one answer in twenty or so, told by its text; right for the others. */
export default (_, text) => {
  if (text.startsWith("7")) throw new Error("seven");
  return true;
};
