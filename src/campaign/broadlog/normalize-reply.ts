/** Brings answers that differ only in names, numbers and times to one text, so that they are qualified and counted together. */

/** Longer answers carry a returned mail, not more of a reason. */
const longestText = 400;

const replacements: readonly (readonly [RegExp, string])[] = [
  [/https?:\/\/[^\s<>"')]+/gi, "#URL#"],
  [/[^\s<>"'`@;:,()[\]]{1,128}@[^\s<>"'`;:,()[\]]{1,255}/g, "*"],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?\S*/g, "#DATE#"],
  [/\b(?:mon|tue|wed|thu|fri|sat|sun), \d{1,2} \w{3} \d{4} \d\d:\d\d(:\d\d)?( [+-]\d{4})?/gi, "#DATE#"],
  [/\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b/g, "#IP#"],
  [/\b(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{1,4}\b/gi, "#IP#"],
  [/\b(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}\b/gi, "#DOMAIN#"],
  // Queue names: letters and digits mixed, long, or hexadecimal.
  [/\b(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{8,}\b/gi, "#ID#"],
  [/\b\d{5,}\b/g, "#ID#"],
  [/\b\d+(?:\.\d+)?(?=\s*(?:bytes?|[kmg]b|seconds?|secs?|minutes?|mins?|hours?|days?|ms)\b)/gi, "#NUMBER#"],
];

/**
 * The text without what changes from message to message: addresses as `*`, the rest as `#IP#`, `#ID#`, ... Codes such as 550 or 5.1.1 stay.
 */
export function normalizeReply(text: string): string {
  // Cut first, so that no pattern works on what a hostile server sends without end.
  let normal = text
    .slice(0, 4 * longestText)
    .toWellFormed()
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();
  for (const [pattern, replacement] of replacements) normal = normal.replace(pattern, replacement);
  return normal.slice(0, longestText).toWellFormed();
}
