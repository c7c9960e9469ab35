/** Splits drafts into runs that may be written together without anyone seeing a difference. */

import type { Draft } from "./draft.ts";

/**
 * Runs of drafts of one schema, in order. Within a run all links are written first, then all rows, then all collections;
 * where that would let one draft miss what an earlier one wrote, a new run begins.
 */
export function splitIntoRuns(drafts: readonly Draft[]): Draft[][] {
  const runs: Draft[][] = [];
  let run: Run | undefined;
  for (const draft of drafts) {
    if (run === undefined || !fits(run, draft)) {
      run = { drafts: [], collected: new Set() };
      runs.push(run.drafts);
    }
    run.drafts.push(draft);
    for (const items of draft.collections.values()) for (const item of items) addTouched(item, run.collected);
  }
  return runs;
}

type Run = {
  readonly drafts: Draft[];
  /** Schemas met anywhere below the collections of the run. */
  readonly collected: Set<string>;
};

const mostDrafts = 20_000;

function fits(run: Run, draft: Draft): boolean {
  const [first] = run.drafts;
  if (first === undefined) return true;
  if (first.plan !== draft.plan || run.drafts.length >= mostDrafts || run.collected.has(draft.plan.id)) return false;
  if (draft.links.size === 0) return true;
  const linked = new Set<string>();
  for (const link of draft.links.values()) addTouched(link, linked);
  return !linked.has(draft.plan.id) && ![...linked].some((schema) => run.collected.has(schema));
}

function addTouched(draft: Draft, touched: Set<string>): void {
  touched.add(draft.plan.id);
  for (const link of draft.links.values()) addTouched(link, touched);
  for (const items of draft.collections.values()) for (const item of items) addTouched(item, touched);
}
