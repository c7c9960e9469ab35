/** Random calls of the functions that answer one of several values of any kind. */

import fc from "fast-check";

import type { Value, ValueKind, Values } from "./values.ts";
import { equal, lenient, type Tie, type Written } from "./written.ts";

/** `Iif`, `Decode`, `IfEquals`, `IsEmptyString`, `Coalesce` and `Case` over values of a kind. */
export function choices<K extends ValueKind>(kind: K, of: Tie): fc.Arbitrary<Written<K>>[] {
  const value = of(kind);
  const choose = (text: string, test: Written<"boolean">, yes: Written<K>, no: Written<K>): Written<K> =>
    lenient(kind, text, [test, yes, no], ([held, a, b]) => (held === true ? a : b) as Values[K] | null);
  const empty = (given: Value | null): boolean =>
    given === null || given === "" || given === 0n || given === 0 || given === false;
  return [
    fc
      .tuple(of("boolean"), value, value)
      .map(([test, a, b]) => choose(`Iif(${test.text}, ${a.text}, ${b.text})`, test, a, b)),
    fc
      .tuple(of("text"), of("text"), value, value)
      .map(([x, y, a, b]) => choose(`Decode(${x.text}, ${y.text}, ${a.text}, ${b.text})`, equal(x, y), a, b)),
    fc
      .tuple(of("integer"), of("integer"), value, value)
      .map(([x, y, a, b]) => choose(`IfEquals(${x.text}, ${y.text}, ${a.text}, ${b.text})`, equal(x, y), a, b)),
    fc.tuple(of("text"), value, value).map(([x, a, b]) =>
      choose(
        `IsEmptyString(${x.text}, ${a.text}, ${b.text})`,
        lenient("boolean", "", [x], ([text]) => !text),
        a,
        b,
      ),
    ),
    fc.tuple(value, value).map(([a, b]) =>
      lenient(kind, `Coalesce(${a.text}, ${b.text})`, [a, b], ([x, y]) => {
        const isEmpty = kind === "date" || kind === "datetime" || kind === "time" ? x === null : empty(x ?? null);
        return (isEmpty ? y : x) as Values[K] | null;
      }),
    ),
    fc
      .tuple(fc.array(fc.tuple(of("boolean"), value), { minLength: 1, maxLength: 3 }), fc.option(value))
      .map(([cases, last]) => {
        const whens = cases.map(([test, a]) => `When(${test.text}, ${a.text})`);
        const text = `Case(${[...whens, ...(last === null ? [] : [`Else(${last.text})`])].join(", ")})`;
        const parts = [...cases.flat(), ...(last === null ? [] : [last])] as Written[];
        return lenient(kind, text, parts, (values) => {
          const held = cases.findIndex((_, index) => values[index * 2] === true);
          return (held >= 0 ? values[held * 2 + 1] : (values[cases.length * 2] ?? null)) as Values[K] | null;
        });
      }),
  ];
}
