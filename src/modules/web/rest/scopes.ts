/** What an API token may be used for: never more than its operator may do. */

import { scopeMissing } from "./errors.ts";
import { refuse } from "./refusal.ts";

export type Purpose = "read" | "write" | "methods";

/** `*` everything; `read` all entities; `recipients:read` one of them; `recipients` all that can be done with them. */
export type Scopes = "all" | ReadonlySet<string>;

/** What a scope may look like, as a pattern that other languages know too. */
export const scopePattern = "^(\\*|read|write|methods|[a-z][a-z0-9-]{0,60}(:(read|write|methods))?)$";

/** Reads the scopes of a token. */
export function readScopes(words: readonly string[]): Scopes {
  return words.includes("*") ? "all" : new Set(words);
}

/** True when something may be done with an entity, by its name in addresses. */
export function allows(scopes: Scopes, entity: string, purpose: Purpose): boolean {
  return scopes === "all" || scopes.has(purpose) || scopes.has(entity) || scopes.has(`${entity}:${purpose}`);
}

/** @throws scopeMissing */
export function requireScope(scopes: Scopes, entity: string, purpose: Purpose): void {
  if (!allows(scopes, entity, purpose)) throw refuse(scopeMissing({ scope: `${entity}:${purpose}` }), { status: 403 });
}
