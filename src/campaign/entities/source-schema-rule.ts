/** Writing `xtk:srcSchema`: only what merges with all other schemas is stored. Tables change later, by `config -updatedb`. */

import { type LeftOut, mergeWhatFits } from "#campaign/structure/merge-what-fits.ts";
import {
  lockSources,
  readAppliedDocuments,
  readWrittenDocuments,
  type SourceDocument,
} from "#campaign/structure/src-schema-store.ts";
import { extensionInvalid } from "#datamodel/extension/errors.ts";
import { plainText } from "#datamodel/write/field-value.ts";
import type { DeletedRow, RuleRow, WriteRule } from "#datamodel/write/write-context.ts";
import type { Statements } from "#foundation/database.ts";
import { readXml } from "#protocols/soap/read-xml.ts";
import { SoapError } from "#protocols/soap/soap-error.ts";

import { setDigest } from "./document-rule.ts";

export const sourceSchemaRule: WriteRule = {
  needs: ["document", "appliedDocument", "namespace", "name"],
  complete: (rows) => {
    for (const row of rows) {
      checkDocument(row);
      setDigest(row);
      setHead(row);
    }
  },
  after: (rows, { tx }) => checkWritten(tx, rows),
  deleted: (rows, { tx }) => checkDeleted(tx, rows),
};

function checkDocument(row: RuleRow): void {
  const schema = idOf(row);
  const document = row.value("document");
  if (typeof document !== "string" || document.trim() === "")
    throw extensionInvalid({ schema, problem: "it has no document" });
  const isRenamed = !row.isNew && (row.isChanged("namespace") || row.isChanged("name"));
  if (isRenamed) throw extensionInvalid({ schema, problem: "it cannot be renamed; delete it and write it anew" });
}

/** What lists show of a schema is what its document says, on whichever road it came. */
function setHead(row: RuleRow): void {
  if (!row.isNew && !row.isChanged("document")) return;
  const document = row.value("document");
  const head = readHead(typeof document === "string" ? document : "");
  for (const name of ["label", "labelSingular", "extendedSchema"]) row.set(name, head.get(name) ?? "");
}

/** Nothing of a document that cannot be read: it is refused with its reason when all are merged. */
function readHead(document: string): ReadonlyMap<string, string> {
  try {
    const { attributes } = readXml(document);
    return new Map([...attributes].map(([name, value]) => [name, value.trim().slice(0, 200)]));
  } catch (error) {
    if (!(error instanceof SoapError)) throw error;
    return new Map();
  }
}

/** One schema may lean on another: they are judged together, as they will be stored. */
async function checkWritten(tx: Statements, rows: readonly RuleRow[]): Promise<void> {
  await lockSources(tx);
  const written = new Set(rows.map(idOf));
  const worse = findWorse(await readWrittenDocuments(tx), written, formerOf(rows, "document"));
  if (worse !== undefined) throw worse.error;
}

async function checkDeleted(tx: Statements, rows: readonly DeletedRow[]): Promise<void> {
  await lockSources(tx);
  const worse = findWorse(await readWrittenDocuments(tx), new Set(), formerOf(rows, "document"));
  if (worse !== undefined) throw worse.error;
  const leaning = findWorse(await readAppliedDocuments(tx), new Set(), formerOf(rows, "appliedDocument"));
  if (leaning === undefined) return;
  const [schema = ""] = rows.map(idOf);
  throw extensionInvalid({
    schema,
    problem: `in the tables ${leaning.schema} still leans on it; run postrider config -updatedb, then delete it`,
  });
}

/**
 * The first schema that cannot be used now, and could before or is one of those written. What was unusable already, since
 * the product has changed, keeps nobody from putting one thing after another right.
 */
function findWorse(
  now: readonly SourceDocument[],
  written: ReadonlySet<string>,
  former: ReadonlyMap<string, SourceDocument | undefined>,
): LeftOut | undefined {
  const { leftOut } = mergeWhatFits(now);
  if (leftOut.length === 0) return undefined;
  const before = [
    ...now.filter(({ namespace, name }) => !former.has(`${namespace}:${name}`)),
    ...[...former.values()].flatMap((document) => document ?? []),
  ];
  const brokenBefore = new Set(mergeWhatFits(before).leftOut.map(({ schema }) => schema));
  return leftOut.find(({ schema }) => written.has(schema) || !brokenBefore.has(schema));
}

type Stored = RuleRow | DeletedRow;

/** What stood in a row before, by the schema's name; undefined where nothing did. */
function formerOf(rows: readonly Stored[], field: string): ReadonlyMap<string, SourceDocument | undefined> {
  return new Map(
    rows.map((row) => {
      const document = row.before(field);
      const [namespace, name] = nameOf(row);
      return [idOf(row), typeof document === "string" ? { namespace, name, document } : undefined];
    }),
  );
}

function idOf(row: Stored): string {
  return nameOf(row).join(":");
}

function nameOf(row: Stored): readonly [namespace: string, name: string] {
  const read = (path: string): string => plainText(("value" in row ? row.value(path) : undefined) ?? row.before(path));
  return [read("namespace"), read("name")];
}
