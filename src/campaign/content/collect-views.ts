/** Collects the blocks that content includes, and those that they include in turn. */

import type { Statements } from "#foundation/database.ts";

import type { Views } from "./flatten-template.ts";
import { listViews } from "./include-view-store.ts";

/** What leads deeper is refused by the analysis. */
const deepest = 12;

/** Reads the blocks that are named in sources; names that nobody knows are left out. */
export async function collectViews(db: Statements, sources: readonly (string | undefined)[]): Promise<Views> {
  const views = new Map<string, Views[string]>();
  let names = namesIn(sources);
  for (let depth = 0; names.length > 0 && depth < deepest; depth += 1) {
    const found = await listViews(db, names);
    for (const { name, html, text } of found) views.set(name, { html, text });
    names = namesIn(found.flatMap(({ html, text }) => [html, text])).filter((name) => !views.has(name));
  }
  return Object.fromEntries(views);
}

function namesIn(sources: readonly (string | undefined)[]): string[] {
  const names = sources.flatMap((source) =>
    [...(source ?? "").matchAll(/<%@\s*include\s+view\s*=\s*(?:'([^']*)'|"([^"]*)")/g)].map(
      ([, single, double]) => single ?? double ?? "",
    ),
  );
  return [...new Set(names)];
}
