/** Random comparisons, tests and what AND, OR and NOT make of them. */

import fc from "fast-check";

import { chain } from "./chains.ts";
import { fromClock } from "./clocks.ts";
import { quote, smallNumbers, words } from "./literals.ts";
import { compareTexts, dayMs, type Value } from "./values.ts";
import { equal, lenient, strict, type Tie, type Written } from "./written.ts";

const operators = ["=", "==", "<>", "!=", "<", "<=", ">", ">="] as const;

function meets(operator: (typeof operators)[number], order: number): boolean {
  if (operator === "=" || operator === "==") return order === 0;
  if (operator === "<>" || operator === "!=") return order !== 0;
  if (operator === "<") return order < 0;
  if (operator === "<=") return order <= 0;
  return operator === ">" ? order > 0 : order >= 0;
}

function orderOf(a: Value, b: Value): number {
  if (typeof a === "string") return compareTexts(a, b as string);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Conditions over expressions of every kind. */
export function conditions(of: Tie): fc.Arbitrary<Written<"boolean">>[] {
  const compared = (["text", "integer", "double", "date", "datetime", "time"] as const).map((kind) =>
    fc.tuple(fc.constantFrom(...operators), of(kind), of(kind)).map(([operator, a, b]) => comparison(operator, a, b)),
  );
  return [
    ...compared,
    fc
      .tuple(fc.constantFrom(...operators), of("date"), of("datetime"))
      .map(([operator, day, moment]) =>
        strict(
          "boolean",
          `(${day.text} ${operator} ${moment.text})`,
          [day, moment],
          ([a, b]: [number, number], around) => meets(operator, orderOf(fromClock(a * dayMs, around.timezone), b)),
        ),
      ),
    fc
      .tuple(fc.constantFrom(...operators), of("integer"), of("double"))
      .map(([operator, a, b]) =>
        strict("boolean", `(${a.text} ${operator} ${b.text})`, [a, b], ([x, y]: [bigint, number]) =>
          meets(operator, orderOf(Number(x), y)),
        ),
      ),
    fc
      .tuple(fc.constantFrom(...operators), chain(of, false), chain(of, true))
      .map(([operator, a, b]) =>
        strict("boolean", `(${a.text} ${operator} ${b.text})`, [a, b], ([x, y]: [bigint, number]) =>
          meets(operator, orderOf(Number(x), y)),
        ),
      ),
    fc
      .tuple(of("boolean"), fc.boolean())
      .map(([a, isOne]) =>
        strict("boolean", `(${a.text} = ${isOne ? 1 : 0})`, [a], ([held]: [boolean]) => held === isOne),
      ),
    fc
      .tuple(fc.oneof(of("text"), of("integer"), of("date")), fc.boolean())
      .map(([a, isNegated]) =>
        lenient(
          "boolean",
          `(${a.text} is ${isNegated ? "NOT null" : "NULL"})`,
          [a],
          ([value]) => (value === null || value === "") !== isNegated,
        ),
      ),
    fc.tuple(of("text"), fc.array(words, { minLength: 1, maxLength: 4 }), fc.boolean()).map(writtenIn),
    fc
      .tuple(of("integer"), fc.uniqueArray(smallNumbers, { minLength: 1, maxLength: 4 }))
      .map(([a, list]) =>
        strict("boolean", `(${a.text} IN (${list.join(", ")}))`, [a], ([value]: [bigint]) => list.includes(value)),
      ),
    fc.tuple(of("date"), fc.array(of("date"), { minLength: 1, maxLength: 3 })).map(([a, list]) =>
      lenient(
        "boolean",
        `(${a.text} in (${list.map(({ text }) => text).join(", ")}))`,
        [a, ...list],
        ([value, ...items]) => {
          if (value === null) return null;
          return items.includes(value ?? null) ? true : items.includes(null) ? null : false;
        },
      ),
    ),
    fc.tuple(of("text"), patterns, fc.boolean()).map(writtenLike),
    fc
      .array(fc.tuple(of("boolean"), fc.boolean()), { minLength: 1, maxLength: 4 })
      .chain((operands) =>
        fc
          .array(fc.constantFrom("AND", "or"), { minLength: operands.length, maxLength: operands.length })
          .map((joints) => joined(operands, joints)),
      ),
  ];
}

function comparison(operator: (typeof operators)[number], a: Written, b: Written): Written<"boolean"> {
  const text = `(${a.text} ${operator} ${b.text})`;
  const isEquality = meets(operator, 0) !== meets(operator, 1) && meets(operator, 1) === meets(operator, -1);
  if (isEquality && (a.text === "''" || b.text === "''")) {
    const same = equal(a, b);
    return { kind: "boolean", text, of: (row, around) => same.of(row, around) === meets(operator, 0) };
  }
  return strict("boolean", text, [a, b], ([x, y]: [Value, Value]) => meets(operator, orderOf(x, y)));
}

function writtenIn([a, list, isNegated]: [Written<"text">, string[], boolean]): Written<"boolean"> {
  const text = `(${a.text} ${isNegated ? "NOT IN" : "in"} (${list.map(quote).join(", ")}))`;
  return lenient("boolean", text, [a], ([value]) => {
    if (list.includes("") && !value) return !isNegated;
    return value === null ? null : list.includes(value as string) !== isNegated;
  });
}

const patterns = fc.array(fc.constantFrom("a", "A", "%", "_", "\\%", "\\_", "\\\\", "é", "@", "漢"), {
  minLength: 1,
  maxLength: 5,
});

function writtenLike([a, parts, isNegated]: [Written<"text">, string[], boolean]): Written<"boolean"> {
  const pattern = parts
    .map((part) => (part === "%" ? ".*" : part === "_" ? "." : part.replace(/^\\/, "").replace(/\\/, "\\\\")))
    .join("");
  const expected = new RegExp(`^${pattern}$`, "su");
  const text = `(${a.text} ${isNegated ? "not like" : "LIKE"} '${parts.join("")}')`;
  return strict("boolean", text, [a], ([value]: [string]) => expected.test(value) !== isNegated);
}

/** `NOT a AND b or c` without parentheses: NOT binds tightest, then AND; unknown AND false is false, unknown OR true is true. */
function joined(operands: readonly [Written<"boolean">, boolean][], joints: readonly string[]): Written<"boolean"> {
  const text = operands
    .map(
      ([{ text }, isNegated], index) => `${index === 0 ? "" : ` ${joints[index]} `}${isNegated ? "NOT " : ""}${text}`,
    )
    .join("");
  return lenient(
    "boolean",
    `(${text})`,
    operands.map(([operand]) => operand),
    (values) => {
      const held = values.map((value, index) => (value === null ? null : value !== operands[index]?.[1]));
      const groups: (boolean | null)[][] = [];
      for (const [index, value] of held.entries())
        if (index === 0 || joints[index] === "or") groups.push([value]);
        else groups.at(-1)?.push(value);
      return decide(
        groups.map((group) => decide(group, false)),
        true,
      );
    },
  );
}

function decide(values: readonly (boolean | null)[], deciding: boolean): boolean | null {
  if (values.includes(deciding)) return deciding;
  return values.includes(null) ? null : !deciding;
}
