/** What a function of the expression language is, and the pieces that most of them are made of. */

import { type SqlFragment, sql } from "#foundation/sql.ts";

import { convert, isComparable, unify } from "../kinds.ts";
import type { Kind, Typed } from "../typed.ts";

/** What a function may need besides its operands. */
export type Surroundings = {
  readonly timezone: string;
  /** Whether the viewer holds a named right; without a viewer it is the product itself, which holds all. */
  readonly hasRight?: (name: string) => boolean;
};

export type Family = "aggregate" | "text" | "date" | "number" | "currency" | "geography" | "other" | "window";

type Described = {
  readonly name: string;
  /** How it is called, for messages and the reference: `Left(text, length)`. */
  readonly usage: string;
  readonly family: Family;
};

/** The operands as the function takes them and the kind of its result, or what does not fit. */
export type Checked = { readonly kind: Kind; readonly operands: readonly Typed[] } | { readonly problem: string };

export type FunctionDeclaration = Described & {
  /** One sentence for the reference. */
  readonly answers: string;
  /** The functions that it may stand in, where it has no meaning of its own: `When` only in `Case`. */
  readonly within?: readonly string[];
  /** Undefined when the operands are not what `usage` says. */
  readonly check: (operands: readonly Typed[]) => Checked | undefined;
  /** SQL over the compiled operands, which stand in parentheses where needed. */
  readonly toSql: (
    operands: readonly SqlFragment[],
    kinds: readonly Kind[],
    surroundings: Surroundings,
    typed: readonly Typed[],
  ) => SqlFragment;
};

/** A function of Classic's that is not to be had: the sentence says why, and what to do instead. */
export type RefusedFunction = Described & { readonly refused: string };

/**
 * What an operand may be besides a kind: `number` and `moment` (date, with time or without), `clock` (these and times of
 * day), `memo` (texts and documents), `value` (all that can be compared).
 */
export type Accepts = Kind | "number" | "moment" | "clock" | "memo" | "value";

/** Operands of fixed kinds; those behind `optional` may be left out. */
export function takes(kinds: readonly Accepts[], result: Kind | "same", optional = 0): FunctionDeclaration["check"] {
  return (operands) => {
    if (operands.length > kinds.length || operands.length < kinds.length - optional) return undefined;
    const fitted = operands.map((operand, index) => fit(operand, kinds[index] ?? "value"));
    if (!isComplete(fitted)) return undefined;
    return { kind: result === "same" ? (fitted[0]?.kind ?? "text") : result, operands: fitted };
  };
}

/** Operands behind those of `before` are brought to one kind, which is the result's. */
export function takesAlike(before: readonly Accepts[], count: number): FunctionDeclaration["check"] {
  return (operands) => {
    if (operands.length !== before.length + count) return undefined;
    const fitted = before.map((wanted, index) => {
      const operand = operands[index];
      return operand && fit(operand, wanted);
    });
    const unified = unify(operands.slice(before.length));
    if (!isComplete(fitted) || unified === undefined) return undefined;
    return { kind: unified.kind, operands: [...fitted, ...unified.values] };
  };
}

/** An operand as the function takes it; undefined when it does not fit. Conditions count as 0 and 1. */
export function fit(value: Typed, wanted: Accepts): Typed | undefined {
  const { kind } = value;
  const isWhole = kind === "integer" || kind === "boolean";
  const isNumber = kind === "integer" || kind === "double";
  const isMoment = kind === "date" || kind === "datetime";
  if (wanted === "number") return isWhole ? convert(value, "integer") : accept(value, isNumber);
  if (wanted === "integer") return isWhole ? convert(value, "integer") : undefined;
  if (wanted === "double") return isNumber ? convert(value, "double") : undefined;
  if (wanted === "moment") return accept(value, isMoment);
  if (wanted === "datetime") return isMoment ? convert(value, "datetime") : undefined;
  if (wanted === "clock") return accept(value, isMoment || kind === "time");
  if (wanted === "memo") return kind === "text" || kind === "document" ? convert(value, "text") : undefined;
  if (wanted === "value") return accept(value, isComparable(kind));
  return accept(value, kind === wanted);
}

function accept(value: Typed, isFitting: boolean): Typed | undefined {
  return isFitting ? value : undefined;
}

function isComplete(operands: readonly (Typed | undefined)[]): operands is readonly Typed[] {
  return !operands.includes(undefined);
}

/** A compiled operand; `null` for one that was left out. */
export function at(operands: readonly SqlFragment[], index: number): SqlFragment {
  return operands[index] ?? sql`null`;
}

/** A function that is one of PostgreSQL's, taking the same operands. */
export function asIs(name: string): FunctionDeclaration["toSql"] {
  return (operands) => sql`${sql.raw(name)}(${sql.join(operands)})`;
}

/** The same with a whole number as result. */
export function asInteger(name: string): FunctionDeclaration["toSql"] {
  return (operands) => sql`${sql.raw(name)}(${sql.join(operands)})::bigint`;
}

/** A number of characters as PostgreSQL takes it: what is negative means nothing, what is huge means all. */
export function count(value: SqlFragment): SqlFragment {
  return sql`${clamp(value, 0, 1_000_000_000)}::integer`;
}

/** Decimals, as many as a double can have. */
export function decimals(value: SqlFragment | undefined): SqlFragment {
  return value === undefined ? sql`0` : sql`${clamp(value, -320, 320)}::integer`;
}

/** The nearest number within bounds; null stays null, which `greatest` and `least` pass over. */
export function clamp(value: SqlFragment, lowest: number, highest: number): SqlFragment {
  const [low, high] = [sql.raw(String(lowest)), sql.raw(String(highest))];
  return sql`(case when ${value} < ${low} then ${low} when ${value} > ${high} then ${high} else ${value} end)`;
}

/** A double as the decimal number that people read: its shortest text, so that 2.675 is rounded to 2.68. */
export function exactly(value: SqlFragment, kind: Kind | undefined): SqlFragment {
  return kind === "double" ? sql`(${value})::text::numeric` : sql`(${value})::numeric`;
}
