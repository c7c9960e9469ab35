/** The functions of the expression language in memory, as `docs/reference/functions.md` describes them. */

import { dateModels } from "./date-models.ts";
import type { FunctionModel } from "./function-model.ts";
import { numberModels, otherModels } from "./number-models.ts";
import { textModels } from "./text-models.ts";

/** Every function whose operands and result are of fixed kinds; those that choose are in the generator. */
export const functionModels: readonly FunctionModel[] = [...textModels, ...dateModels, ...numberModels, ...otherModels];
