/** Shows what bringing the tables to the schemas would change; nothing is changed. */

import { planUpdate } from "#campaign/structure/update-structure.ts";
import { builderService } from "#schemas/builder-service.ts";

import { defineMethod } from "../../define-method.ts";

/** @throws extensionInvalid */
export const buildUpdateScript = defineMethod(builderService, "BuildUpdateScript", async (call, drop) => {
  const { statements, losses, kept } = await planUpdate(call.context.db, { mayLose: drop });
  const remarks = [
    ...losses.map((loss) => `-- Would be lost: ${loss}`),
    ...kept.map((rest) => `-- Stays until an update with -drop: ${rest}`),
  ];
  return [[...remarks, ...statements].join("\n")];
});
