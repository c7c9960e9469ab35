/** The next value of a counter. */

import { increaseCounter } from "#campaign/entities/counter-store.ts";
import { counterService } from "#schemas/counter-service.ts";

import { counterUnknown } from "../../../errors.ts";
import { defineMethod } from "../../define-method.ts";

/** The public SDK, when it uploads a file, hands the name over in a way that loses it: this is the one it means. */
const uploads = "xtkResource";

/** @throws counterUnknown */
export const increaseValue = defineMethod(counterService, "IncreaseValue", async (call, name) => {
  const value = await increaseCounter(call.context.db, name || uploads);
  if (value === undefined) throw counterUnknown({ name });
  return [value];
});
