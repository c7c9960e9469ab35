/** Checks the name of a group. */

import { invalidGroupName } from "./errors.ts";

/**
 * A name as it is stored: without outer spaces.
 * @throws invalidGroupName
 */
export function parseGroupName(text: string): string {
  const name = text.trim();
  if (name === "" || name.length > 100 || /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(name))
    throw invalidGroupName({ name: text });
  return name;
}
