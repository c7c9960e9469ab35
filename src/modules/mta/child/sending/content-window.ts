/**
 * How many contents may be on their way to a server at the same time. What is on its way when the child dies may be doubled (DESIGN I2),
 * and what is more than the server can have answered only waits: there, or here to be read (docs/decisions/0056).
 */

import { forgetOldest } from "#foundation/forget-oldest.ts";

/** Taken by a content on its way. */
export type Place = { readonly sinceMs: number };

export type ContentWindow = {
  /** Takes a place; a promise where it has to wait for one. Each place is given back by `leave`. */
  enter(): Place | Promise<Place>;
  /** @param isAccepted whether the server took the content: then it shows how quick its answers are */
  leave(place: Place, isAccepted: boolean): void;
  readonly size: number;
};

export type ContentWindows = {
  /** That of a server, over all sessions of the child. */
  of(server: string): ContentWindow;
};

/** A server next door has the next content while we read its last answers. */
export const fewestContents = 12;
/** A child sends no more than this: with it the time of an answer says how many contents keep a server busy (Little's law). */
const mostPerMs = 8;
/** The quickest answer counts for one to two of these: servers and routes change. */
const rememberedMs = 60_000;
const mostRemembered = 2_000;
/** A server that lets some contents hang, and takes others, gets the others as before. */
const lateMs = 1_000;
const lookEveryMs = 250;

/** Opens without any. */
export function openContentWindows(elapsedMs: () => number): ContentWindows {
  const windows = new Map<string, ContentWindow>();
  return {
    of: (server) => {
      const known = windows.get(server) ?? openContentWindow(elapsedMs);
      // Who uses a forgotten one goes on with it.
      windows.delete(server);
      windows.set(server, known);
      forgetOldest(windows, mostRemembered);
      return known;
    },
  };
}

/** Opens one that nobody is in. */
export function openContentWindow(elapsedMs: () => number): ContentWindow {
  const waiting: ((place: Place) => void)[] = [];
  /** Those that are not late. */
  const taken = new Set<Place>();
  let size = fewestContents;
  /** The quickest answers of the time before, and of the time since. */
  let before = Number.POSITIVE_INFINITY;
  let since = Number.POSITIVE_INFINITY;
  let sinceMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  const learn = (place: Place): void => {
    const nowMs = elapsedMs();
    const answeredAfterMs = nowMs - place.sinceMs;
    if (nowMs - sinceMs > rememberedMs) {
      before = since;
      since = Number.POSITIVE_INFINITY;
      sinceMs = nowMs;
    } else if (answeredAfterMs >= since) return;
    since = Math.min(since, answeredAfterMs);
    size = fewestContents + Math.ceil(mostPerMs * Math.min(before, since));
  };
  const take = (): Place => {
    const place: Place = { sinceMs: elapsedMs() };
    taken.add(place);
    return place;
  };
  const admit = (): void => {
    while (waiting.length > 0 && taken.size < size) waiting.shift()?.(take());
    if (waiting.length > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  const letLateOnesBe = (): void => {
    const beforeMs = elapsedMs() - lateMs;
    for (const place of taken) {
      if (place.sinceMs > beforeMs) break;
      taken.delete(place);
    }
    admit();
  };
  return {
    enter: () => {
      if (taken.size < size && waiting.length === 0) return take();
      if (timer === undefined) {
        timer = setInterval(letLateOnesBe, lookEveryMs);
        timer.unref();
      }
      return new Promise((resolve) => {
        waiting.push(resolve);
      });
    },
    leave: (place, isAccepted) => {
      taken.delete(place);
      if (isAccepted) learn(place);
      admit();
    },
    get size() {
      return size;
    },
  };
}
