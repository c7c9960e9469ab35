/** Reads a file of hits portion by portion; the next one is on its way while one is being stored. */

import { type Hit, parseHit } from "#channels/hits/hit-line.ts";
import type { HitFile } from "#channels/hits/hit-file.ts";
import type { HitsServer } from "#channels/hits/hits.ts";

export type Portion = {
  readonly fromOffset: number;
  readonly toOffset: number;
  readonly hits: readonly Hit[];
  /** Lines that are torn or damaged, and were passed over. */
  readonly damagedLines: number;
};

/** Reads on from an offset to where the file ended when it was listed, or until it is gone. */
export async function* readPortions(server: HitsServer, file: HitFile, offset: number): AsyncGenerator<Portion> {
  let coming = readPortion(server, file, offset);
  for (;;) {
    const portion = await coming;
    if (portion === undefined) return;
    coming = readPortion(server, file, portion.toOffset);
    // Whoever stops reading here does not care how that one ends.
    coming.catch(() => undefined);
    yield portion;
  }
}

/** The hits among the lines of a stretch. */
export function parseLines(bytes: Buffer): Pick<Portion, "hits" | "damagedLines"> {
  const hits: Hit[] = [];
  let damagedLines = 0;
  for (const line of bytes.toString("utf8").split("\n")) {
    if (line === "") continue;
    const hit = parseHit(line);
    if (hit === undefined) damagedLines += 1;
    else hits.push(hit);
  }
  return { hits, damagedLines };
}

async function readPortion(server: HitsServer, file: HitFile, fromOffset: number): Promise<Portion | undefined> {
  if (fromOffset >= file.sizeBytes) return undefined;
  const bytes = await server.readFile(file.name, fromOffset);
  if (bytes === undefined || bytes.length === 0) return undefined;
  return { fromOffset, toOffset: fromOffset + bytes.length, ...parseLines(bytes) };
}
