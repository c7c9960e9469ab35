/** Random arithmetic without parentheses. */

import fc from "fast-check";

import { type Around, real, type Value, whole } from "./values.ts";
import { strict, type Tie, type Written } from "./written.ts";

type Link = { operator: "+" | "-" | "*" | "/"; operand: Written<"integer" | "double"> };

/** `a + b * c - d / e` without parentheses: terms bind tighter than sums, and each is computed from the left. */
export function chain<D extends boolean>(
  of: Tie,
  isDouble: D,
): fc.Arbitrary<Written<D extends true ? "double" : "integer">> {
  type Kind = D extends true ? "double" : "integer";
  const operand = isDouble ? fc.oneof(of("double"), of("integer")) : of("integer");
  const operator = fc.constantFrom(...(isDouble ? ["+", "-", "*", "/"] : ["+", "-", "*"]));
  const first = isDouble ? of("double") : of("integer");
  return fc
    .tuple(first, fc.array(fc.record({ operator, operand }), { minLength: 1, maxLength: 4 }))
    .map(([start, rest]): Written<Kind> => {
      const links = rest as Link[];
      const operands: Written[] = [start, ...links.map((link) => link.operand)];
      const text = [start.text, ...links.flatMap(({ operator, operand }) => [operator, operand.text])].join(" ");
      const compute = (values: (bigint | number)[], around: Around): Value | null => sumOf(values, links, around);
      return strict((isDouble ? "double" : "integer") as Kind, text, operands, compute as never);
    });
}

function sumOf(values: readonly (bigint | number)[], links: readonly Link[], around: Around): Value | null {
  type Part = { operator: string; value: bigint | number };
  const terms: { operator: string; parts: Part[] }[] = [
    { operator: "+", parts: [{ operator: "*", value: values[0] ?? 0n }] },
  ];
  for (const [index, { operator }] of links.entries()) {
    const part = { operator, value: values[index + 1] ?? 0n };
    if (operator === "+" || operator === "-") terms.push({ operator, parts: [{ ...part, operator: "*" }] });
    else terms.at(-1)?.parts.push(part);
  }
  const products = terms.map(({ operator, parts }) => ({ operator, value: fold(parts, around) }));
  if (products.some(({ value }) => value === null)) return null;
  return fold(products as Part[], around);
}

/** In doubles as soon as there is a division or a double; the first operand stands as it is. */
function fold(parts: readonly { operator: string; value: bigint | number }[], around: Around): bigint | number | null {
  const isDouble = parts.some(({ operator, value }) => operator === "/" || typeof value === "number");
  let result = isDouble ? Number(parts[0]?.value ?? 0) : (parts[0]?.value ?? 0n);
  for (const { operator, value } of parts.slice(1)) {
    const next = isDouble
      ? divideOr(operator, Number(result), Number(value), around)
      : wholeOf(operator, result, value, around);
    if (next === null) return null;
    result = next;
  }
  return result;
}

function wholeOf(operator: string, a: bigint | number, b: bigint | number, around: Around): bigint | null {
  const [x, y] = [BigInt(a), BigInt(b)];
  return whole(operator === "+" ? x + y : operator === "-" ? x - y : x * y, around);
}

function divideOr(operator: string, a: number, b: number, around: Around): number | null {
  if (operator === "/") return b === 0 ? null : real(a / b, around, a === 0);
  if (operator === "*") return real(a * b, around, a === 0 || b === 0);
  return real(operator === "+" ? a + b : a - b, around);
}
