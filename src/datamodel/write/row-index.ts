/** Which row has which key while the drafts of one statement are gone through, as if each were stored at once. */

import type { KeyChoice } from "./choose-key.ts";
import { duplicateKey } from "./errors.ts";
import { comparable, type FieldValue } from "./field-value.ts";
import { type Row, valueOf } from "./row.ts";
import { type SchemaPlan, shownKey } from "./schema-plan.ts";

/** `left`: a row had the key and gives it up, in the database not before the statement; or two rows have it now. */
type Holder = Row | "left";

export type RowIndex = ReturnType<typeof makeRowIndex>;

/** The text under which a combination of values is known; undefined when one is missing: nothing equals null. */
export function keyText(values: readonly (FieldValue | undefined)[]): string | undefined {
  if (values.some((value) => value === undefined || value === null)) return undefined;
  return values.map((value) => comparable(value ?? null)).join("\u0001");
}

/**
 * An index over the unique keys of a schema and the keys that rows are looked for by.
 * @param choices the latter
 */
export function makeRowIndex(plan: SchemaPlan, choices: readonly KeyChoice[]) {
  const keys = new Map<string, { choice: KeyChoice; holders: Map<string, Holder> }>();
  const watch = (choice: KeyChoice): void => {
    const name = choice.paths.join("\u0001");
    if (!keys.has(name)) keys.set(name, { choice, holders: new Map() });
  };
  for (const paths of plan.uniqueKeys) watch({ paths, isUnique: true });
  for (const choice of choices) watch(choice);

  const textIn = (row: Row, { paths }: KeyChoice, delta?: ReadonlyMap<string, FieldValue>): string | undefined =>
    keyText(paths.map((path) => delta?.get(path) ?? valueOf(row, path)));

  return {
    /** Paths whose stored values must be known. */
    paths: [...new Set([...keys.values()].flatMap(({ choice }) => choice.paths))],

    /** The row that has a key now; `unsure` when only the database can tell, once it is up to date. */
    find({ paths, isUnique }: KeyChoice, values: readonly (FieldValue | undefined)[]): Row | undefined | "unsure" {
      const text = keyText(values);
      const holder = text === undefined ? undefined : keys.get(paths.join("\u0001"))?.holders.get(text);
      if (holder !== "left") return holder;
      return isUnique ? undefined : "unsure";
    },

    /** Takes in a row as it is. */
    enter(row: Row): void {
      for (const { choice, holders } of keys.values()) {
        const text = textIn(row, choice);
        if (text !== undefined && !holders.has(text)) holders.set(text, row);
      }
    },

    /** Of the rows with the same values of a key the database has named this one: another may have come in by another key before. */
    mean(choice: KeyChoice, row: Row): void {
      const text = textIn(row, choice);
      if (text !== undefined) keys.get(choice.paths.join("\u0001"))?.holders.set(text, row);
    },

    /**
     * True when a row may be given these values now; false when another has yet to give its key up in the database.
     * @throws duplicateKey
     */
    mayTake(row: Row, delta: ReadonlyMap<string, FieldValue>): boolean {
      for (const { choice, holders } of keys.values()) {
        if (!choice.isUnique || !choice.paths.some((path) => delta.has(path))) continue;
        const text = textIn(row, choice, delta);
        const holder = text === undefined ? undefined : holders.get(text);
        if (holder === "left") return false;
        if (holder !== undefined && holder !== row)
          throw duplicateKey({ schema: plan.id, key: shownKey(choice.paths) });
      }
      return true;
    },

    /** Gives a row values, and with them its keys. */
    take(row: Row, delta: ReadonlyMap<string, FieldValue>): void {
      const touched = [...keys.values()].filter(({ choice }) => choice.paths.some((path) => delta.has(path)));
      const former = touched.map(({ choice }) => textIn(row, choice));
      for (const [path, value] of delta) row.changes.set(path, value);
      for (const [index, { choice, holders }] of touched.entries()) {
        const before = former[index];
        const now = textIn(row, choice);
        if (before === now) continue;
        if (before !== undefined && holders.get(before) === row) holders.set(before, "left");
        // Of two rows with a key that is not unique the first by primary key is meant: the database knows which.
        if (now !== undefined) holders.set(now, choice.isUnique || !holders.has(now) ? row : "left");
      }
    },

    /** Takes a row out that is going to be deleted. */
    leave(row: Row): void {
      for (const { choice, holders } of keys.values()) {
        const text = textIn(row, choice);
        if (text !== undefined && holders.get(text) === row) holders.set(text, "left");
      }
    },
  };
}
