/** Counts things in the sentences that commands print, which are English. */

/** `1 message`, `0 messages`; `1 message waits`, `2 messages wait` with both forms given. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? singular : plural}`;
}
