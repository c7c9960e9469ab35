/** Opens the data of an instance for one caller: what he reads and writes passes his rights. */

import type { Operator } from "#campaign/access/operator.ts";
import { viewerOf } from "#campaign/access/viewer-of.ts";
import { schemasOf } from "#campaign/structure/instance-schemas.ts";
import { writeRules } from "#campaign/entities/write-rules.ts";
import type { DataContext } from "#datamodel/viewer.ts";
import type { WriteContext } from "#datamodel/write/write-context.ts";
import { instanceSettings } from "#foundation/common-settings.ts";
import type { Context } from "#foundation/module.ts";

/** What reading needs to know. */
export async function openData(context: Context, operator: Operator): Promise<DataContext> {
  const { timezone } = context.settings.of(instanceSettings);
  return { db: context.db, schemas: await schemasOf(context), viewer: viewerOf(operator, timezone) };
}

/** What writing needs to know. */
export async function openWriting(context: Context, operator: Operator, remoteAddress: string): Promise<WriteContext> {
  const { schemas, viewer } = await openData(context, operator);
  return { db: context.db, schemas, viewer, rules: writeRules, secrets: context.secrets, remoteAddress };
}
