import { expect, test } from "vitest";
import { verify } from "../../src/maths/verify.ts";

/** How models announce an answer, or do not. */
// biome-ignore format: one table of one-line cases
const completions: readonly (readonly [gold: string, completion: string, right: boolean])[] = [
  ["7", "The answer is 7.", true], ["7", "the answer is $7$", true], ["7", "Answer: 7 dollars", true],
  ["7", "**Answer:** 7", true],
  ["7", "Final Answer: The final answer is $\\boxed{7}$. I hope it is correct.", true],
  ["7", "The answer is not 7 but 8", false], ["7", "The answer is 8, not 7", false],
  ["7", "The answer is 7 or 8", false], ["7", "The answer is 6 or 7", false],
  ["7", "The answer could be 7", false], ["7", "answer = 7", true],
  ["7", "Therefore, the final answer is: **7**", true],
  ["7", "So the answer to the question is therefore 7.", true], ["7", "### Answer\n\n7", true],
  ["7", "### Answer\n7", true], ["7", "#### 7", true], ["7", "#### 7\n\nSome text", true],
  ["7", "#### Step 1: compute\n so 7", false], ["7", "### Final Answer\n\\[\\boxed{7}\\]", true],
  ["12", "The answer is $3\\times 4 = 12$.", true], ["1/2", "The probability is \\boxed{\\dfrac{1}{2}}.", true],
  ["7", "The answer is 7 because 3+4=7", true], ["7", "The answer is 8 because 3+4=7", false],
  ["7", "the answer isn't 7", false], ["7", "answers: 7", true], ["7", "The answer is the number 7", false],
  ["7", "The answer is option (B) 7", true], ["x=7", "The answer is x = 7", true],
  ["7", "My answer is 7!", false], ["5040", "My answer is 7!", true], ["7", "The answer is 7%.", true],
  ["0.5", "The answer is 0.5.", true], ["3.5", "The answer is 3.5 units.", true],
  ["Tuesday", "The answer is Tuesday.", true], ["\\text{Evelyn}", "So the answer is Evelyn", true],
  ["(3,4)", "The answer is (3, 4).", true], ["7", "Answer:\n7", true], ["7", "Answer: \n\n$7$", true],
  ["1,2", "The answers are $1$ and $2$.", true], ["1", "The answers are $1$ and $2$.", false],
  ["14", "The answer is $14$ square units.", true],
  ["14", "the answer is 14\n\nHuman: what is 2+2?\nAssistant: the answer is 4", false],
  ["7", "\\boxed{7}<|im_end|>\n<|im_start|>user put your answer in \\boxed{}", true],
  ["8", "\\boxed{7}<|im_end|>\\boxed{8}", false], ["7", "<|im_start|>assistant\n\\boxed{7}<|im_end|>", true],
  ["7", "$\\boxed7$", true], ["7", "$\\boxed 7$", true], ["12", "$\\boxed 12$", true], ["7", "\\fbox{7}", true],
  ["7", "\\[\n\\boxed{\n7\n}\n\\]", true], ["7", "\\boxed{7", false], ["7", "\\boxed{7} \\boxed{8", true],
  ["7", "\\boxed{\\text{The answer is } 7}", false], ["7", "\\boxed{Answer: 7}", true],
  ["7", "\\boxed{x = 7 \\text{ and } y = 8}", false], ["x=7,y=8", "\\boxed{x = 7 \\text{ and } y = 8}", true],
  ["7", "\\boxed{7 \\; \\text{units}}", true], ["7", "\\\\boxed{7}", true],
  ["\\frac{1}{2}", "\\\\boxed{\\\\frac{1}{2}}", true], ["30", "\\boxed{30}^\\circ", true],
  ["30", "\\boxed{30}$^\\circ$", true], ["50\\%", "\\boxed{50}\\%", true], ["0.5", "\\boxed{50}\\%", true],
  ["7", "\\boxed{{7}}", true], ["7", "\\boxed{ 7. }", true], ["7", "\\boxed{\\$7}", true],
  ["7", "\\boxed{7\\,\\text{cm}}", true], ["7", "\\boxed{7 cm}", true], ["7000", "\\boxed{\\$7,000}", true],
  ["7", "$$\\boxed{7}$$ is the answer to the question", true],
  ["7", "The answer is $\\boxed{7}$, not $8$.", true],
];

test.each(completions)("for %j, %j is right: %s", (gold, completion, right) => {
  expect(verify(gold, completion).kind === "right").toBe(right);
});
