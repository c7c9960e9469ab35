/** Writes drafts of one schema: finds their rows with one statement for each key, decides in memory, stores with a handful. */

import { applyDraft, valuesOf } from "./apply-draft.ts";
import { checkComputed } from "./check-computed.ts";
import { chooseKey, type KeyChoice } from "./choose-key.ts";
import { deleteRows, fieldsForDeletion } from "./delete-rows.ts";
import type { Draft } from "./draft.ts";
import type { FieldValue } from "./field-value.ts";
import { findRows, type Search } from "./find-rows.ts";
import { neededFields } from "./needed-fields.ts";
import type { Row } from "./row.ts";
import { keyText, makeRowIndex, type RowIndex } from "./row-index.ts";
import type { SchemaPlan } from "./schema-plan.ts";
import type { Session } from "./session.ts";
import { storeRows } from "./store-rows.ts";

/** Writes drafts of one schema whose links are resolved; their collections follow. */
export async function writeRun(session: Session, drafts: readonly Draft[]): Promise<void> {
  let rest = drafts;
  while (rest.length > 0) rest = await writeSome(session, rest);
}

/** Writes drafts up to the first that depends on what is stored by then; answers what remains. */
async function writeSome(session: Session, drafts: readonly Draft[]): Promise<readonly Draft[]> {
  const [first] = drafts;
  if (first === undefined) return [];
  const choices = new Map(drafts.map((draft) => [draft, chooseKey(draft)]));
  const index = await readIndex(session, first.plan, choices);
  let count = 0;
  const isSelfLinked = [...first.plan.links.values()].some(({ target }) => target === first.plan.id);
  for (const draft of drafts) {
    if (isSelfLinked && count > 0 && (draft.operation === "delete") !== (first.operation === "delete")) break;
    if (!applyDraft(session, index, draft, choices.get(draft))) break;
    count += 1;
  }
  return [...(await store(session, first.plan, drafts.slice(0, count))), ...drafts.slice(count)];
}

/** Stores what was decided; answers the drafts whose rows somebody else has just inserted. */
async function store(session: Session, plan: SchemaPlan, drafts: readonly Draft[]): Promise<readonly Draft[]> {
  await checkComputed(session, plan, drafts);
  const rows = new Set<Row>();
  const gone = new Set<Row>();
  for (const { row, effect } of drafts) {
    if (row === undefined || effect === "found" || effect === "nothing") continue;
    if (row.isDeleted) gone.add(row);
    else rows.add(row);
  }
  const overtaken = rows.size === 0 ? undefined : await storeRows(session, plan, [...rows]);
  if (gone.size > 0) await deleteRows(session, plan, [...gone]);
  if (overtaken === undefined || overtaken.size === 0) return [];
  const again = drafts.filter(({ row }) => row !== undefined && overtaken.has(row));
  for (const draft of again) {
    draft.row = undefined;
    draft.overtaken += 1;
  }
  return again;
}

async function readIndex(
  session: Session,
  plan: SchemaPlan,
  choices: ReadonlyMap<Draft, KeyChoice | undefined>,
): Promise<RowIndex> {
  const byName = new Map<string, { choice: KeyChoice; drafts: Draft[] }>();
  for (const [draft, choice] of choices) {
    if (choice === undefined) continue;
    const name = choice.paths.join("\u0001");
    const group = byName.get(name);
    if (group === undefined) byName.set(name, { choice, drafts: [draft] });
    else group.drafts.push(draft);
  }
  const groups = [...byName.values()];
  const index = makeRowIndex(
    plan,
    groups.map(({ choice }) => choice),
  );
  const all = [...choices.keys()];
  const deletes = all.some(({ operation }) => operation === "delete");
  const keys = deletes ? [...index.paths, ...fieldsForDeletion(session, plan)] : index.paths;
  const fields = neededFields(session, plan, all, keys);
  const known = new Map<string, Row>();
  for (const { choice, drafts } of groups) {
    for (const row of await search(session, plan, choice, drafts, fields)) {
      const primary = keyText(plan.primary.map((path) => row.stored.get(path))) ?? "";
      const first = known.get(primary);
      if (first === undefined) {
        known.set(primary, row);
        index.enter(row);
      }
      index.mean(choice, first ?? row);
    }
  }
  return index;
}

/** Rows of the keys that drafts give; those that make new rows of keys that are not unique take turns with others. */
async function search(
  session: Session,
  plan: SchemaPlan,
  key: KeyChoice,
  drafts: readonly Draft[],
  fields: readonly string[],
): Promise<Row[]> {
  const wanted = new Map<string, readonly FieldValue[]>();
  const makers = new Set<string>();
  for (const draft of drafts) {
    const values = valuesOf(draft, key);
    const text = keyText(values);
    if (text === undefined) continue;
    if (!wanted.has(text))
      wanted.set(
        text,
        values.map((value) => value ?? null),
      );
    if (draft.operation === "insertOrUpdate") makers.add(text);
  }
  const combinations = [...wanted.entries()];
  const given: Omit<Search, "values"> = { plan, key, fields, lock: lockFor(drafts) };
  const found = await findRows(session, { ...given, values: combinations.map(([, values]) => values) });
  const missing = combinations.filter(([text], at) => found[at] === undefined && makers.has(text));
  const rows = found.filter((row) => row !== undefined);
  if (key.isUnique || missing.length === 0) return rows;
  await takeTurns(
    session,
    plan,
    missing.map(([text]) => `${key.paths.join(",")}=${text}`),
  );
  const appeared = await findRows(session, { ...given, values: missing.map(([, values]) => values) });
  return [...rows, ...appeared.filter((row) => row !== undefined)];
}

function lockFor(drafts: readonly Draft[]): Search["lock"] {
  if (drafts.some(({ operation }) => operation === "delete")) return "delete";
  return drafts.every(({ operation }) => operation === "none") ? "reference" : "change";
}

/** PostgreSQL has room for some thousand locks in all: keys share this many. */
const turnstiles = 256;

/** Waits for others who are inserting rows of the same keys, and keeps later ones waiting until the transaction ends. */
async function takeTurns({ tx }: Session, { schema }: SchemaPlan, keys: readonly string[]): Promise<void> {
  const numbers = [...new Set(keys.map((key) => hash(key) % turnstiles))].toSorted((a, b) => a - b);
  await tx.run`
    select pg_advisory_xact_lock(hashtextextended(${`${schema.table}.key.`}::text || n, 0)) from unnest(${numbers}::integer[]) as n`;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return value;
}
