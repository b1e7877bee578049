/** Right where the answer is the label and nothing else; case and a full stop do not count. */
import type { UserVerifier } from "errata";

const label: UserVerifier = (problem, answer) =>
  answer.trim().replace(/\.$/, "").toLowerCase() === problem.answer;

export default label;
