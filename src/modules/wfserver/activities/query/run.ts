/** Selects recipients into the population of its transition. */

import { explainDataError } from "#datamodel/explain-data-error.ts";
import { instanceSettings } from "#foundation/common-settings.ts";
import { compileSql } from "#foundation/sql.ts";
import { recipient } from "#schemas/recipient.ts";

import { groupUnknown } from "../../errors.ts";
import { fillPopulation } from "../../engine/work-table-store.ts";
import { queryParameters } from "../../engine/query-parameters.ts";
import type { ActivityCall, Outcome, SettingsOf } from "../activity.ts";
import type { queryDefinition } from "./definition.ts";
import { findGroupId } from "./query-store.ts";

/**
 * Fires `result` with the keys of the recipients that meet the condition, and that are in the group where one is named.
 * @throws groupUnknown, and errors of the expression
 */
export async function runQuery(call: ActivityCall<SettingsOf<typeof queryDefinition>>): Promise<Outcome> {
  const { context, settings } = call;
  const groupId = settings.group === "" ? undefined : await findGroupId(context.db, settings.group);
  if (settings.group !== "" && groupId === undefined) throw groupUnknown({ group: settings.group });
  const { timezone } = context.settings.of(instanceSettings);
  const { compileWhereFor } = await import("#datamodel/compile-where-for.ts");
  const condition = compileWhereFor(call.viewer, call.schemas.find("nms:recipient") ?? recipient, settings.where, {
    timezone,
    parameters: queryParameters(call),
    schemas: call.schemas,
  });
  if (context.log.traces("xtkquery"))
    context.log.trace("xtkquery", "query.compiled", { where: compileSql(condition.where).text });
  return {
    kind: "done",
    fired: [
      {
        transition: "result",
        population: {
          schema: "nms:recipient",
          fill: (tx, table) =>
            explainDataError(settings.where, () => fillPopulation(tx, table, { ...condition, groupId })),
        },
      },
    ],
  };
}
