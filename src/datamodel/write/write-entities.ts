/** The writer: stores what clients describe, all of it or nothing. */

import type { Draft } from "./draft.ts";
import type { EntityInput, WrittenEntity } from "./entity-input.ts";
import { type FieldValue, plainText } from "./field-value.ts";
import { inSession } from "./in-session.ts";
import { readDraft } from "./read-draft.ts";
import { keyOf } from "./row.ts";
import type { WriteContext } from "./write-context.ts";
import { writeDrafts } from "./write-drafts.ts";

/** Entities that are in memory as drafts at once. */
const batchSize = 10_000;

/**
 * Writes entities in their order, in one transaction and a handful of statements however many there are.
 * @returns what became of each
 * @throws errors of errors.ts; nothing is stored then
 */
export async function writeEntities(context: WriteContext, entities: readonly EntityInput[]): Promise<WrittenEntity[]> {
  if (entities.length === 0) return [];
  return inSession(context, async (session) => {
    const written: WrittenEntity[] = [];
    for (let at = 0; at < entities.length; at += batchSize) {
      // Read in each attempt: drafts keep the rows they met.
      const drafts = entities.slice(at, at + batchSize).map((entity) => readDraft(context, entity));
      await writeDrafts(session, drafts);
      for (const draft of drafts) written.push(outcomeOf(draft));
    }
    return written;
  });
}

function outcomeOf({ plan, row, effect }: Draft): WrittenEntity {
  return { schema: plan.id, key: row === undefined ? undefined : keyOf(row).map(plainKey), effect };
}

function plainKey(value: FieldValue): string | number {
  if (typeof value === "number" || typeof value === "string") return value;
  return plainText(value);
}
