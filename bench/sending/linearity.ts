/** Does the cost of a message, or the memory of a child, depend on how many there are? One run with each size, each on a database of its own. */

import { atLeast, atMost, type Bar } from "../support/report.ts";
import { type Figures, measureOurs, near } from "./cases.ts";
import { startPlatform } from "./platform.ts";

const sizes = [10_000, 100_000, 1_000_000] as const;
/** A million may cost this much more for each message than a hundred thousand; ten thousand carry the start of the children alone. */
const tolerance = 1.15;
const mostMb = 200;

/** Sends to audiences of three sizes. */
export async function measureLinearity(): Promise<readonly Bar[]> {
  const bars: Bar[] = [];
  const found = new Map<number, Figures>();
  for (const size of sizes) {
    const platform = await startPlatform(size);
    try {
      const of = { ...near, name: `near, ${size} recipients` };
      const figures = await measureOurs(platform, of, size);
      found.set(size, figures);
      bars.push(atLeast(`${of.name}: each recipient once`, figures.isExact ? 1 : 0, 1));
      bars.push(atMost(`${of.name}: most MB of a child`, figures.memoryMb, mostMb));
    } finally {
      await platform.stop();
    }
  }
  const [, middle, largest] = sizes.map((size) => found.get(size)?.cpuPer1000 ?? 0);
  const growth = Number(((largest ?? 0) / (middle || 1)).toFixed(2));
  bars.push(atMost("CPU of a message, 1,000,000 to 100,000", growth, tolerance));
  return bars;
}
