/** For what must not happen, and for peers that take their time. */

import { setTimeout as sleep } from "node:timers/promises";

/** True when the promise is settled within so many milliseconds: asked of what is expected to stay open. */
export function within(limitMs: number, promise: Promise<unknown>): Promise<boolean> {
  return Promise.race([promise.then(() => true), sleep(limitMs, false, { ref: false })]);
}

/** A behaviour of a scripted peer: it thinks for a while, then does what an obedient one does. */
export function slowly(thinkMs: number): () => Promise<undefined> {
  return () => sleep(thinkMs, undefined);
}
