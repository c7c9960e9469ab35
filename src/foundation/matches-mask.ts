/** Compares names with the masks that rules and settings are written with. */

/**
 * Compares a name with a mask of `*` and `?`, without regard to case.
 * The time grows with the product of the lengths at worst, whatever the mask.
 */
export function matchesMask(mask: string, name: string): boolean {
  const pattern = mask.toLowerCase();
  const text = name.toLowerCase();
  let at = 0;
  let from = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (from < text.length) {
    if (pattern[at] === "*") {
      starAt = at;
      at += 1;
      resumeAt = from;
    } else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === text[from])) {
      at += 1;
      from += 1;
    } else if (starAt !== -1) {
      at = starAt + 1;
      resumeAt += 1;
      from = resumeAt;
    } else return false;
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}
