/** An entity that is not stored yet: an id of its own, and what a new row would be. */

import { fieldsOf, type Field } from "#schemas/fields.ts";

import { defaultFolder } from "./complete-rows.ts";
import type { EntityInput, RawValue } from "./entity-input.ts";
import { inSession } from "./in-session.ts";
import { planFor, requireWriting } from "./read-draft.ts";
import { takeIdsOf } from "./reserve-ids.ts";
import type { WriteContext } from "./write-context.ts";

/**
 * Reserves an id and answers the defaults; moments and who writes are filled in when the entity is stored.
 * @param schemaId `nms:recipient`
 * @throws unknownSchema, notSaved
 */
export async function newEntity(context: WriteContext, schemaId: string): Promise<EntityInput> {
  const plan = planFor(context, schemaId);
  requireWriting(context, plan);
  return inSession(context, async (session) => {
    const values = new Map<string, RawValue>();
    if (plan.sequenced !== undefined) {
      const [id = 0] = await takeIdsOf(session.tx, plan, 1);
      values.set(plan.sequenced, id);
    }
    for (const field of fieldsOf(plan.schema)) {
      const value = givenDefault(field);
      if (value !== undefined && !plan.stamps.has(field.path)) values.set(field.path, value);
    }
    const folder = plan.schema.folderAttribute;
    if (folder !== undefined && !plan.primary.includes(folder)) values.set(folder, await defaultFolder(session, plan));
    return { schema: plan.id, values, links: new Map(), collections: new Map() };
  });
}

function givenDefault({ kind, declaration }: Field): RawValue | undefined {
  if (kind === "computed" || declaration.default === "now" || declaration.isSecret === true) return undefined;
  return declaration.default;
}
