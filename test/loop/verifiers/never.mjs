/** Right only for the reference in a box, which a model of random weights does not write. */
export default ({ answer }, text) => text.includes(`\\boxed{${answer}}`);
