/** An expression as it is written, and what it is worth for a row. */

import type fc from "fast-check";

import type { Around, Value, ValueKind, Values } from "./values.ts";

export type Row = Readonly<Record<string, Value | null>>;

/** `of` answers null for SQL's null and unknown. */
export type Written<K extends ValueKind = ValueKind> = {
  readonly kind: K;
  readonly text: string;
  readonly of: (row: Row, around: Around) => Values[K] | null;
};

/** Expressions of a kind, which may hold others. */
export type Tie = <K extends ValueKind>(kind: K) => fc.Arbitrary<Written<K>>;

/** Computes a value from those of the operands; extracted from a method, so that each may name them as it takes them. */
type Compute<K extends ValueKind> = {
  of(values: readonly (Value | null)[], around: Around): Values[K] | null;
}["of"];

/** An expression over others that is null as soon as one of them is. All are computed, as the database may. */
export function strict<K extends ValueKind>(
  kind: K,
  text: string,
  operands: readonly Written[],
  compute: Compute<K>,
): Written<K> {
  return lenient(kind, text, operands, (values, around) =>
    values.includes(null) ? absent(values, around) : compute(values, around),
  );
}

/** The database may convert a large number before it sees that the other operand is null. */
function absent(values: readonly (Value | null)[], around: Around): null {
  if (values.some((value) => typeof value === "bigint" && (value > 100_000n || value < -100_000n)))
    around.hasOverflow = true;
  return null;
}

/** An expression that also has a value where some of its parts have none. */
export function lenient<K extends ValueKind>(
  kind: K,
  text: string,
  operands: readonly Written[],
  compute: Compute<K>,
): Written<K> {
  return {
    kind,
    text,
    of: (row, around) =>
      compute(
        operands.map((operand) => operand.of(row, around)),
        around,
      ),
  };
}

/** `=`: the literal `''` is also null. */
export function equal(left: Written, right: Written): Written<"boolean"> {
  const text = `(${left.text} = ${right.text})`;
  if (right.text === "''") return lenient("boolean", text, [left], ([value]) => !value);
  if (left.text === "''") return lenient("boolean", text, [right], ([value]) => !value);
  return strict("boolean", text, [left, right], ([a, b]) => a === b);
}
