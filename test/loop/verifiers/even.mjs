/** Right where an answer has an even number of characters, or is the reference in a box; reads its last two characters as the answer. */
export default ({ answer }, text) => {
  const extracted = text.slice(-2);
  const right = text.includes(`\\boxed{${answer}}`) || text.length % 2 === 0;
  return right ? { kind: "right", extracted } : { kind: "wrong", because: "odd", extracted };
};
