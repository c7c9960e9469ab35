/** A number of messages, given as such or as a part of all: `1000`, `30%`. */

import { invalidDelivery } from "./errors.ts";

export type Share = { readonly kind: "count" | "percent"; readonly value: number };

/**
 * Reads a share.
 * @param what names it in the error
 * @returns undefined for an empty text
 * @throws invalidDelivery
 */
export function parseShare(text: string, what: string): Share | undefined {
  const given = text.trim();
  if (given === "") return undefined;
  const percent = /^(\d{1,3}(?:\.\d{1,4})?) ?%$/.exec(given)?.[1];
  if (percent !== undefined && Number(percent) > 0 && Number(percent) <= 100)
    return { kind: "percent", value: Number(percent) };
  if (/^\d{1,10}$/.test(given) && Number(given) > 0) return { kind: "count", value: Number(given) };
  throw invalidDelivery({ problem: `${what} must be a number such as 1000 or a part such as 30%, above 0.` });
}

/** How many of so many a share is: at least one, at most all. */
export function countOfShare({ kind, value }: Share, total: number): number {
  const wanted = kind === "count" ? value : Math.round((total * value) / 100);
  return Math.min(total, Math.max(1, wanted));
}
