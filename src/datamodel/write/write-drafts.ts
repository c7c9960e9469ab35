/** Writes drafts with their links and collections: many at once, and as if one after the other. */

import type { Draft } from "./draft.ts";
import { rowNotFound } from "./errors.ts";
import { emptyValue, isEmpty } from "./field-value.ts";
import { type Row, valueOf } from "./row.ts";
import { declarationOf } from "./schema-plan.ts";
import type { Session } from "./session.ts";
import { splitIntoRuns } from "./split-into-runs.ts";
import { writeRun } from "./write-run.ts";

/** Writes drafts of any schemas in their order. */
export async function writeDrafts(session: Session, drafts: readonly Draft[]): Promise<void> {
  for (const run of splitIntoRuns(drafts)) {
    await writeLinks(session, run);
    await writeRun(session, run);
    await writeCollections(session, run);
  }
}

/** Finds or writes what the drafts link to, then fills in their keys. */
async function writeLinks(session: Session, drafts: readonly Draft[]): Promise<void> {
  const linked = drafts.flatMap(({ links }) => [...links.values()].filter((link) => !isNowhere(link)));
  if (linked.length > 0) await writeDrafts(session, linked);
  for (const draft of drafts) for (const [name, link] of draft.links) takeKey(draft, name, link);
}

/** A link element with nothing in it, or with an id of 0: the link is to be empty. */
function isNowhere({ values, links, collections, extras }: Draft): boolean {
  return links.size === 0 && collections.size === 0 && extras.size === 0 && [...values.values()].every(isEmpty);
}

function takeKey(draft: Draft, name: string, linked: Draft): void {
  const join = draft.plan.links.get(name)?.join ?? [];
  draft.resolved = new Set([...draft.resolved, ...join.map(({ from }) => from)]);
  for (const { from, to } of join) {
    const declaration = declarationOf(draft.plan, from);
    const isCut = isNowhere(linked) || linked.effect === "deleted";
    const value = isCut ? undefined : valueOf(rowOf(linked), to);
    if (value !== undefined) draft.values.set(from, value);
    else if (declaration !== undefined) draft.values.set(from, emptyValue(declaration));
  }
}

function rowOf({ row, plan, values }: Draft): Row {
  if (row !== undefined) return row;
  throw rowNotFound({ schema: plan.id, key: [...values.keys()].join(", ") });
}

/** Writes the rows behind links to many, which hold the key of the row they belong to. */
async function writeCollections(session: Session, drafts: readonly Draft[]): Promise<void> {
  const names = new Set(drafts.flatMap(({ collections }) => [...collections.keys()]));
  for (const name of names) {
    const items: Draft[] = [];
    for (const draft of drafts) {
      if (draft.row === undefined || draft.row.isDeleted) continue;
      for (const item of draft.collections.get(name) ?? []) {
        giveKey(draft, name, draft.row, item);
        items.push(item);
      }
    }
    await writeDrafts(session, items);
  }
}

function giveKey(draft: Draft, name: string, row: Row, item: Draft): void {
  const join = draft.plan.links.get(name)?.join ?? [];
  item.resolved = new Set([...item.resolved, ...join.map(({ to }) => to)]);
  for (const { from, to } of join) item.values.set(to, valueOf(row, from) ?? null);
}
