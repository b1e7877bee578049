import { describe, expect, test } from "vitest";
import { verify } from "../../src/maths/verify.ts";

const B = (answer: string): string => `So \\boxed{${answer}}.`;

/** What people write beside, around and before an answer: words, units, names, marks. Right values by reading. */
// biome-ignore format: one table of one-line cases
const cases: readonly (readonly [gold: string, completion: string, right: boolean])[] = [
["3 \\text{ million}",B("3{,}000{,}000"),true],["0.5",B("\\text{half}"),true],["1500000",B("1.5 \\text{ million dollars}"),true],
["25",B("5 \\text{ squared}"),true],["5",B("5 \\text{ squared}"),false],["8",B("2\\text{ cubed}"),true],
["3:15 \\text{ p.m.}",B("3:15 PM"),true],["3:15 PM",B("3:15 AM"),false],["3:15",B("3:15\\text{ AM}"),true],
["20\\% \\text{ increase}",B("20\\% \\text{ decrease}"),false],["20\\%",B("20\\% \\text{ decrease}"),true],
["451^\\circ\\text{F}",B("451^\\circ\\text{C}"),false],["451^\\circ\\text{F}",B("451°F"),true],["451",B("451^\\circ \\mathrm{F}"),true],
["13.6 \\text{ eV}",B("13.6 \\text{ MeV}"),false],["13.6 \\text{ MeV}",B("13600\\text{ keV}"),true],["13.6",B("13.6 \\text{ MeV}"),true],
["5 \\text{ m/s}",B("18 \\text{ km/h}"),true],["5 \\text{ m/s}",B("5 \\text{ m/s}^2"),false],["9.8",B("9.8\\,\\frac{\\text{m}}{\\text{s}^2}"),true],
["9.8 \\text{ m/s}^2",B("9.8\\,\\mathrm{m\\,s^{-2}}"),true],["\\$5",B("5\\text{ dollars}"),true],["\\$5",B("500 \\text{ cents}"),true],
["\\$3.50",B("USD 3.50"),true],["\\$1.5 \\text{ million}",B("\\$1{,}500{,}000"),true],["\\$5 \\text{ per pound}",B("\\$5 \\text{ per kilogram}"),false],
["x>2 \\text{ and } x<5",B("(2,5)"),true],["(2,5)",B("2<x \\text{ and } x<5"),true],["(-\\infty,2)\\cup(5,\\infty)",B("x<2 \\text{ and } x>5"),false],
["x<2 \\text{ or } x>5",B("x<2, x>5"),true],["x>3",B("x>2, x>3"),false],["x>3",B("x>3, x>4"),false],["x=1 \\text{ and } y=2",B("x=1 \\text{ or } y=2"),false],["x=1,y=2",B("y=2 \\text{ and } x=1"),true],
["x=1 \\text{ or } x=2",B("x=1, x=2"),true],["x=1 \\text{ or } x=2",B("\\{1,2\\}"),true],["x=1",B("x=1 \\text{ or } x=2"),false],
["0<x<1",B("x>0 \\& x<1"),true],["a>0 \\text{ and } b>0",B("a>0"),false],["x \\ne 1, x \\ne 2",B("x\\ne 1 \\text{ and } x \\ne 2"),true],["x \\ne 1, x\\ne 2",B("x \\ne 1"),false],
["(-\\infty,1)\\cup(1,2)\\cup(2,\\infty)",B("x\\ne 1, x \\ne 2"),true],
["\\sqrt{17}",B("√17"),true],["\\sqrt{17}",B("sqrt(17)"),true],["\\frac{3+\\sqrt{17}}{2}",B("(3+√17)/2"),true],["\\sqrt[3]{2}",B("∛2"),true],["2\\sqrt{15}",B("2√15"),true],["\\sqrt{2}+\\sqrt{13}",B("√2+√13"),true],["\\sqrt{17}",B("√18"),false],["\\sqrt{1}7",B("√17"),false],
["\\frac{\\sqrt{5}}{2}",B("√5/2"),true],["\\sqrt{\\frac52}",B("√(5/2)"),true],["\\frac{-1+i\\sqrt{3}}{2}",B("(-1+i√3)/2"),true],["x\\sqrt{2}",B("x√2"),true],["\\sqrt{12}",B("√12π"),false],
["\\frac14",B("P(A \\cap B) = \\frac14"),true],["\\frac14",B("\\mathbb{E}[X^2] = 1/4"),true],["7",B("\\operatorname{rank}(A) = 7"),true],["7",B("\\#\\{x : x^2<9\\} = 7"),true],["7",B("2x=7"),false],["7",B("x(x+1)=7"),false],["7",B("x+y=7"),false],["7",B("x^2 = 7"),false],["7",B("\\text{Area of } \\triangle ABC = 7"),true],["7",B("\\text{Area}=7 \\text{ cm}^2"),true],["6",B("\\lim_{x\\to 0} f(x) = 6"),true],["6",B("\\frac{d}{dx}f(x) = 6"),true],["6",B("\\angle ABC = 6^\\circ"),true],["6",B("P(X>2) = 6 "),true],["7",B("P(X>2) = 6 "),false],["6",B("f(x+1) = 6"),true],["2",B("\\gcd(24,36)=13"),false],["13",B("\\gcd(24,36)=13"),false],["6",B("a_n + b_n = 6"),false],["12",B("\\lambda(x+1)=12"),false],["12",B("n! = 12"),false],["12",B("|x|=12"),true],
["5","<answer>5</answer>",true],["5","<answer>The answer is 5</answer>",true],["5","<answer>6</answer>",false],["5","## Answer\n\n5",true],["5","**Final Answer**\n\n$5$",true],["5","The answer is **5**.",true],["5","The final answer is $\\mathbf{5}$",true],["5","Answer: ``5``",true],["5","*Answer:* 5",true],["5000000","The answer is $5$ million.",true],["5","The answer is $5$ million.",false],["5","\\boxed{5} million",false],["5","The answer is 5, I think, or maybe 6.",false],
["5","The answer is 5. But this is wrong.",false],
["2",B("2 \\text{ solutions}"),true],["3 \\text{ apples}",B("3 \\text{ oranges}"),false],["3 \\text{ red balls}",B("3\\text{ blue balls}"),false],["3 \\text{ ways}",B("3"),true],
["5",B("5 \\text{ thousand}"),false],["5",B("5\\text{ or more}"),false],["5",B("\\text{at most }5"),false],["-5",B("\\text{negative } 5"),true],["-5",B("\\text{negative five}"),true],["\\frac{3}{4}",B("\\text{three quarters}"),true],["\\frac{3}{4}",B("\\text{three-fourths}"),true],["21",B("\\text{twenty-one}"),true],["21",B("\\text{twenty one marbles}"),true],["120",B("\\text{one hundred twenty}"),true],["120",B("\\text{one hundred and twenty}"),true],
["12",B("\\text{a dozen}"),true],["2",B("\\text{a pair}"),false],
["12 \\text{ km}",B("12 \\text{ kg}"),false],["12 \\text{ N}",B("12 \\text{ J}"),false],["100 \\text{ kPa}",B("100 \\text{ Pa}"),false],["1 \\text{ atm}",B("101325 \\text{ Pa}"),true],["1 \\text{ h}",B("60 \\text{ min}"),true],["2 \\text{ hours}",B("120 \\text{ minutes}"),true],["1.5\\text{ ft}",B("18\\text{ inches}"),true],
["4.4\\times10^{-5}",B("4.4\\mathrm{E}{-5}"),true],["4.4\\times10^{-5}",B("4.4\\text{e-}5"),true],["4.4\\times10^{-5}",B("4.4 × 10⁻⁵"),true],["4.4\\times10^{-5}",B("4.4e-05"),true],["3\\times 10^8",B("3*10^8"),true],["3\\times10^8",B("3 \\cdot 10^{8} \\text{ m/s}"),true],
["101_2",B("101_{\\text{two}}"),true],["101_2",B("101 \\text{ (base 2)}"),true],["101_2",B("101\\text{ base two}"),true],["101_2",B("101_{3}"),false],["101_2",B("(101)_2"),true],["101_2",B("101_{(2)}"),true],
["[1,3)",B("[1;3["),true],["(1,3)",B("]1,3["),true],["(1,3)",B("[1,3["),false],["(-\\infty,1)\\cup(3,\\infty)",B("]-\\infty,1[ \\cup ]3,+\\infty["),true],
["\\frac{1}{6}",B("0.1666..."),true],["\\frac{1}{6}",B("0.1(6)"),true],["\\frac{1}{6}",B("0.1666"),false],["\\frac{7}{11}",B("0.6363\\ldots"),false],["\\frac{7}{11}",B("0.636363\\ldots"),true],
["1,1,2",B("1,1,2"),true],["1,1,2","\\boxed{1} and \\boxed{1} and \\boxed{2}",true],["1,2","\\boxed{1} and \\boxed{1} and \\boxed{2}",false],
["B",B("b"),true],["B",B("A = B"),false],["B",B("B \\text{ or } C"),false],["B",B("\\textbf{B}"),true],["B","The answer is (B) 12 cm.",true],["B",B("(C)"),false],["B",B("\\text{(B) and (C)}"),false],
["12",B("x &= 12"),true],["12",B("\\begin{align*} x &= 12 \\end{align*}"),true],["12",B("\\therefore x = 12"),true],["12",B("12\\ \\blacksquare"),true],["12",B("\"12\""),true],["12",B("12 \\quad (n \\ge 1)"),true],["12",B("12, \\quad x \\in \\mathbb{R}"),true],["2^n",B("2^n, n \\in \\mathbb{N}"),true],["12",B("12 \\; (13)"),false],
["\\sqrt{\\frac{a}{b}}",B("\\frac{\\sqrt{ab}}{b}"),true],["\\ln\\frac{a}{b}",B("\\ln a - \\ln b"),true],["3\\ln x",B("\\ln x^3"),true],["\\sqrt{x^4}",B("x^2"),true],["\\sqrt{a+b}",B("\\sqrt a+\\sqrt b"),false],["\\sqrt{(x-5)^2}",B("x-5"),false],
["\\text{no solution}",B("\\varnothing"),true],["\\emptyset",B("\\text{No real solutions}"),true],["0",B("\\text{no solution}"),false],
["12 \\text{ cm}^2",B("12 \\text{ cm}"),false],["12 \\text{ square meters}",B("12\\text{ m}^2"),true],["60^\\circ",B("60"),true],["60^\\circ",B("60 \\text{ degrees}"),true],["60^\\circ",B("\\frac{\\pi}{3} \\text{ radians}"),true],["60^\\circ",B("60 \\text{ rad}"),false],["45.5^\\circ",B("45^\\circ 30'"),true],
["5",B("5\\text{ kg}"),true],["5 \\text{ kg}",B("5"),true],["5\\text{ kg}",B("5000\\text{ g}"),true],["1.5",B("1 \\text{ and } \\frac12"),false],["3\\text{ hours }20\\text{ minutes}",B("200 \\text{ minutes}"),true],
["5 \\text{ ft } 6 \\text{ in}",B("5\\text{ feet }6\\text{ inches}"),true],
["€5",B("\\$5"),false],["5",B("5 \\text{ EUR}"),true],["₹500",B("Rs. 500"),true],["¥100",B("100 \\text{ yen}"),true],["100",B("HK\\$100"),true],
["5", B("5 \\text{ bps}"), true],["10\\text{ points}",B("10\\text{ percentage points}"),true],["5 \\text{ left}",B("5\\text{ right}"),false],["3 \\text{ clockwise}",B("3 \\text{ anticlockwise}"),false],["10 \\text{ meters north}",B("10\\text{ meters south}"),false],["2 \\text{ heads}",B("2\\text{ tails}"),false],["5 \\text{ gain}",B("5\\text{ loss}"),false],["3 \\text{ BCE}",B("3\\text{ CE}"),false],["12 \\text{ noon}",B("12\\text{ a.m.}"),false],
["12 W", B("12 mW"), false],["2\\text{ mol}",B("2\\text{ mmol}"),false],["4 \\text{ GB}",B("4 \\text{ MB}"),false],["\\frac12",B("\\frac{1}{2} \\text{ cup}"),true],
["\\frac{v_{0}}{r_{1}}",B("{\\frac{v_{0}}{r_{1}}}"),true],["4210_{5}",B("{4210_{5}}"),true],["7",B("\\text{7th}"),true],["52_8",B("(52 \\text{ base 8})"),true],["52_8",B("52 base 8"),true],["2e3",B("\\frac{4\\mathrm{e}3}{2}"),true],["12",B("\\text{Rs. }12"),true],
["7",B("7th"),true],["7",B("7^{th}"),true],["7^{th}",B("7"),true],
];

describe.each(["math", "math-lenient"])("mode %s", (mode) => {
  test.each(cases)("%s against %s: %s", (gold, completion, right) => {
    expect(verify(gold, completion, { mode }).kind === "right").toBe(right);
  });
});
