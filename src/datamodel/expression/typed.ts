/** An expression whose names are found and whose kinds fit: what the compilers read. */

import type { Field } from "#schemas/fields.ts";

import type { FunctionDeclaration } from "./functions/define-function.ts";
import type { Comparison } from "./syntax.ts";

/**
 * What a value is when it is computed with. A time span is an `integer`, of seconds. A `document` (XML, JSON) may be
 * searched as text, `binary` only be measured; of a `secret` nothing may be asked but whether it is there.
 */
export type Kind =
  | "text"
  | "integer"
  | "double"
  | "boolean"
  | "date"
  | "datetime"
  | "time"
  | "uuid"
  | "document"
  | "binary"
  | "secret";

/** `date` as `YYYY-MM-DD`, `datetime` as ISO 8601; a datetime without a zone is meant in the query's own. */
export type Constant =
  | { readonly kind: "text"; readonly value: string; readonly pattern: string }
  | { readonly kind: "integer"; readonly value: number | bigint }
  | { readonly kind: "double"; readonly value: number }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "date" | "time" | "uuid"; readonly value: string }
  | { readonly kind: "datetime"; readonly value: string; readonly hasZone: boolean };

/** What a path leads to. */
export type ResolvedPath = {
  /** 0: a row of this query; 1: of the query around it (`../@x` in a sub-query). */
  readonly outward: number;
  /** The names of the links that lead to the row with the field. */
  readonly links: readonly string[];
  readonly field: Field;
  /** Paths from the row with the field: a computed field's expression is read by it. */
  readonly resolveThere?: ResolvePath;
};

/** Looks a path up, as it is written without brackets. */
export type ResolvePath = (path: string) => ResolvedPath | { readonly problem: string };

export type Typed = { readonly kind: Kind } & (
  | { readonly node: "constant"; readonly constant: Constant }
  | { readonly node: "attribute"; readonly path: ResolvedPath }
  /** A computed field: its expression, checked where it stands. */
  | { readonly node: "computed"; readonly path: ResolvedPath; readonly operand: Typed }
  | { readonly node: "call"; readonly declaration: FunctionDeclaration; readonly operands: readonly Typed[] }
  | { readonly node: "negative"; readonly operand: Typed }
  | {
      readonly node: "sum";
      readonly first: Typed;
      readonly rest: readonly { readonly operator: "+" | "-" | "*" | "/"; readonly operand: Typed }[];
    }
  | { readonly node: "concatenation"; readonly operands: readonly Typed[] }
  | { readonly node: "compare"; readonly operator: Comparison; readonly left: Typed; readonly right: Typed }
  | { readonly node: "in"; readonly operand: Typed; readonly items: readonly Typed[]; readonly isNegated: boolean }
  | { readonly node: "like"; readonly operand: Typed; readonly pattern: Typed; readonly isNegated: boolean }
  /** Null, and for texts also ''. */
  | { readonly node: "empty"; readonly operand: Typed; readonly isNegated: boolean }
  | { readonly node: "not"; readonly operand: Typed }
  | { readonly node: "and" | "or"; readonly operands: readonly Typed[] }
  | { readonly node: "cast"; readonly operand: Typed }
);

/** What a `$(name)` may stand for. */
export type ParameterValue = string | number | boolean | Date;
