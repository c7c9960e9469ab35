/** A file of hits, as the redirection server lists it. */

export type HitFile = {
  readonly name: string;
  readonly sizeBytes: number;
  /** False for the file that hits are being added to. */
  readonly isClosed: boolean;
};

/**
 * True for a name that a redirection server gives: time of the first hit in milliseconds and chance, both hexadecimal. No name is given
 * twice, not even after a restart with another clock: cursors are kept by them.
 */
export function isHitFileName(name: string): boolean {
  return /^[0-9a-f]{12}-[0-9a-f]{8}\.log$/.test(name);
}
