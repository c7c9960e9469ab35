/** The end of a test, last thing first: what was opened last is closed first, as the things on top of it need. */

export type Ending = { after(clean: () => void | Promise<void>): void };

/** An ending that runs in reverse order; node:test itself runs its hooks in the order they were registered. */
export function inReverse(t: Ending): Ending {
  const cleanings: (() => void | Promise<void>)[] = [];
  t.after(async () => {
    for (const clean of cleanings.toReversed()) await clean();
  });
  return { after: (clean) => void cleanings.push(clean) };
}
