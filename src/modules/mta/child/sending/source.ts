/** One of our addresses, as mail leaves from it. */

export type Source = {
  /** Local IP address that connections leave from; empty = the system chooses. */
  readonly address: string;
  /** Its number in the rules of the statistics server. */
  readonly publicId: number;
  /** Name that it says in EHLO. */
  readonly heloName: string;
  /** How often it is chosen, beside the others. */
  readonly weight: number;
};

/** The addresses that some messages may leave from; messages with the same pool and destination wait together. */
export type SourcePool = { readonly key: string; readonly sources: readonly Source[] };

/** A pool of these addresses. */
export function poolOf(sources: readonly Source[]): SourcePool {
  return {
    key: sources.map(({ address, publicId, weight }) => `${publicId}(${address})*${weight}`).join("+"),
    sources,
  };
}
