/** Where the time goes: V8's own profiles of the children, by file of ours. A profile costs some time of its own. */

import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { makeFolder } from "#test/support/temporary-folder.ts";

type Node = {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
};
type Profile = {
  readonly nodes: readonly Node[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
};

export type Profiles = {
  /** What processes are started with so that they write profiles. */
  readonly environment: Readonly<Record<string, string>>;
  /** Prints where the children of the run that has just ended were busy. */
  print(name: string): void;
  close(): void;
};

const linesShown = 30;

/** Nothing is written unless asked for. */
export function openProfiles(isWanted: boolean): Profiles {
  if (!isWanted) return { environment: {}, print: () => undefined, close: () => undefined };
  const folder = makeFolder();
  return {
    environment: { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` },
    print: (name) => {
      const busy = new Map<string, number>();
      for (const file of readdirSync(folder)) addBusy(join(folder, file), busy);
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
      const whole = [...busy.values()].reduce((sum, time) => sum + time, 0);
      process.stderr.write(`\n${name}: children busy for ${Math.round(whole / 1_000)} ms\n`);
      const sorted = [...busy].sort(([, a], [, b]) => b - a).slice(0, linesShown);
      for (const [place, time] of sorted)
        process.stderr.write(`  ${((time / whole) * 100).toFixed(1).padStart(5)} %  ${place}\n`);
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Time without idling goes to the nearest function of ours, or of a package. */
function addBusy(path: string, busy: Map<string, number>): void {
  const profile = JSON.parse(readFileSync(path, "utf8")) as Profile;
  const isChild = profile.nodes.some(({ callFrame }) => callFrame.url.endsWith("assemble-message.ts"));
  if (!isChild) return;
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(
    profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node] as const)),
  );
  const placeOf = (node: Node | undefined): string => {
    for (let at = node; at !== undefined; at = parents.get(at.id)) {
      const found = /\/(?:src|node_modules)\/(.+)$/.exec(at.callFrame.url);
      if (found !== null) return found[1] ?? "";
    }
    return node?.callFrame.functionName ?? "";
  };
  for (const [index, id] of profile.samples.entries()) {
    const place = placeOf(nodes.get(id));
    if (place !== "(idle)") busy.set(place, (busy.get(place) ?? 0) + (profile.timeDeltas[index] ?? 0));
  }
}
