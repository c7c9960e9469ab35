/** Finds a function by its name. */

import type { FunctionDeclaration, RefusedFunction } from "./define-function.ts";
import { functions } from "./index.ts";

const byName = new Map(functions.map((declaration) => [declaration.name.toLowerCase(), declaration]));

/** The declaration of a function, whatever the case of its name; undefined when there is none. */
export function findFunction(name: string): FunctionDeclaration | RefusedFunction | undefined {
  return byName.get(name.toLowerCase());
}
