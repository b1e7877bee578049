/** Python's `strftime`, for the codes that templates use, in English and the machine's time zone. */
import { fail } from "./jinja-error.ts";

const months = "January February March April May June July August September October November December".split(
  " ",
);
const days = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

/** @throws JinjaError naming a code that is not done */
export function strftime(format: string, date: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  const hour12 = date.getHours() % 12 || 12;
  const yearDay =
    1 +
    Math.round(
      (Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - Date.UTC(date.getFullYear(), 0, 1)) /
        86_400_000,
    );
  const codes: Readonly<Record<string, string>> = {
    a: days[date.getDay()]!.slice(0, 3),
    A: days[date.getDay()]!,
    w: String(date.getDay()),
    d: two(date.getDate()),
    b: months[date.getMonth()]!.slice(0, 3),
    h: months[date.getMonth()]!.slice(0, 3),
    B: months[date.getMonth()]!,
    m: two(date.getMonth() + 1),
    y: two(date.getFullYear() % 100),
    Y: String(date.getFullYear()),
    H: two(date.getHours()),
    I: two(hour12),
    p: date.getHours() < 12 ? "AM" : "PM",
    M: two(date.getMinutes()),
    S: two(date.getSeconds()),
    f: String(date.getMilliseconds() * 1000).padStart(6, "0"),
    j: String(yearDay).padStart(3, "0"),
    e: String(date.getDate()).padStart(2, " "),
    Z: "",
    z: "",
    "%": "%",
    n: "\n",
    t: "\t",
  };
  return format.replace(/%(-?)(.?)/gs, (whole, bare: string, code: string) => {
    if (code === "F") return `${codes.Y}-${codes.m}-${codes.d}`;
    if (code === "T") return `${codes.H}:${codes.M}:${codes.S}`;
    if (code === "R") return `${codes.H}:${codes.M}`;
    if (code === "D") return `${codes.m}/${codes.d}/${codes.y}`;
    if (!Object.hasOwn(codes, code)) return fail(`strftime_now does not know ${whole}`);
    return bare === "" ? codes[code]! : codes[code]!.replace(/^[0 ]+(?=\d)/, "");
  });
}
