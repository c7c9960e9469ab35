/** The functions of the expression language: a closed list. What is not here is refused, whatever PostgreSQL would know. */

import { aggregates } from "./aggregates.ts";
import { dates } from "./dates.ts";
import type { FunctionDeclaration, RefusedFunction } from "./define-function.ts";
import { numbers } from "./numbers.ts";
import { others, refusedOthers } from "./others.ts";
import { money, places } from "./places.ts";
import { texts } from "./texts.ts";
import { windows } from "./windows.ts";

/** All of them, family by family; also those of Classic's that are refused by name. */
export const functions: readonly (FunctionDeclaration | RefusedFunction)[] = [
  ...aggregates,
  ...texts,
  ...dates,
  ...numbers,
  ...money,
  ...places,
  ...others,
  ...refusedOthers,
  ...windows,
];
