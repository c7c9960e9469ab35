/** An expression whose names are found and whose kinds fit: what the compilers read. */

import type { FunctionDeclaration } from "./functions.ts";
import type { Comparison } from "./syntax.ts";

/** What a value is when it is computed with. */
export type Kind = "text" | "integer" | "double" | "boolean" | "date" | "datetime";

/** `date` as `YYYY-MM-DD`, `datetime` as ISO 8601; a datetime without a zone is meant in the query's own. */
export type Constant =
  | { readonly kind: "text"; readonly value: string; readonly pattern: string }
  | { readonly kind: "integer" | "double"; readonly value: number }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "date"; readonly value: string }
  | { readonly kind: "datetime"; readonly value: string; readonly hasZone: boolean };

export type Typed = { readonly kind: Kind } & (
  | { readonly node: "constant"; readonly constant: Constant }
  /** `links` are the names of the links that lead to the attribute's schema. */
  | {
      readonly node: "attribute";
      readonly links: readonly string[];
      readonly attribute: string;
      readonly column: string;
    }
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
