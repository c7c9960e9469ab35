/** What a function of the expression language is in memory. */

import { calendar } from "./clocks.ts";
import type { Around, Value, ValueKind } from "./values.ts";

export type FunctionModel = {
  readonly name: string;
  readonly takes: readonly ValueKind[];
  readonly gives: ValueKind;
  /** Also asked when an operand is null. */
  readonly isLenient?: true;
  /** A method, so that each function may name the operands as it takes them. */
  of(values: readonly (Value | null)[], around: Around): Value | null;
};

/** A number of characters: what is negative means nothing, what is huge means all. */
export function clip(count: bigint): number {
  return Number(count < 0n ? 0n : count > 1_000_000_000n ? 1_000_000_000n : count);
}

/** A function of one text. */
export const one = (name: string, gives: ValueKind, of: (text: string) => Value | null): FunctionModel => ({
  name,
  takes: ["text"],
  gives,
  of: ([text]: string[]) => of(text ?? ""),
});

/** Decimals that are kept. */
export function places(decimals: bigint): number {
  return Number(decimals < -320n ? -320n : decimals > 320n ? 320n : decimals);
}

/** `YYYY-MM-DD`. Years before the first and beyond 9999 are another matter: PostgreSQL shows them in its own way. */
export function showDay(day: number, around: Around): string | null {
  const { year, month, day: ofMonth } = calendar(day);
  if (year < 1 || year > 9999) {
    around.hasOverflow = true;
    return null;
  }
  return [String(year).padStart(4, "0"), String(month).padStart(2, "0"), String(ofMonth).padStart(2, "0")].join("-");
}
