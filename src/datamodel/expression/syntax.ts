/** An expression as it is written, before its names are looked up. */

export type Comparison = "=" | "<>" | "<" | "<=" | ">" | ">=";

export type Syntax = { readonly at: number } & (
  | { readonly node: "text"; readonly value: string; readonly pattern: string }
  | { readonly node: "number"; readonly text: string }
  | { readonly node: "boolean"; readonly value: boolean }
  | { readonly node: "date"; readonly text: string }
  | { readonly node: "parameter"; readonly type: string; readonly name: string }
  | { readonly node: "path"; readonly text: string }
  | { readonly node: "call"; readonly name: string; readonly operands: readonly Syntax[] }
  | { readonly node: "negative"; readonly operand: Syntax }
  | {
      readonly node: "chain";
      readonly first: Syntax;
      readonly rest: readonly { readonly operator: "+" | "-" | "*" | "/"; readonly operand: Syntax }[];
    }
  | { readonly node: "compare"; readonly operator: Comparison; readonly left: Syntax; readonly right: Syntax }
  | { readonly node: "in"; readonly operand: Syntax; readonly items: readonly Syntax[]; readonly isNegated: boolean }
  | { readonly node: "like"; readonly operand: Syntax; readonly pattern: Syntax; readonly isNegated: boolean }
  | { readonly node: "isNull"; readonly operand: Syntax; readonly isNegated: boolean }
  | { readonly node: "not"; readonly operand: Syntax }
  | { readonly node: "and" | "or"; readonly operands: readonly Syntax[] }
);
