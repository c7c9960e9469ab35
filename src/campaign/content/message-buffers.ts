/** Memory that messages are composed in, used again for the next: 30 KB for each message would else be allocated, cleared away and faulted in anew. */

export type MessageBuffers = {
  /** Memory of at least so many bytes, with anything in it. */
  take(bytes: number): Buffer;
  /** Gives memory back that nobody reads or writes any more. */
  giveBack(memory: Buffer): void;
  /** Says that memory will not come back: somebody may still read it. */
  abandon(memory: Buffer): void;
  /** Bytes that are taken and have not come back. */
  readonly takenBytes: number;
  /** True when no more is taken than allowed. */
  readonly isFree: boolean;
  /** Resolves when that is so: ask before a message is begun, so that memory is bounded however many sessions there are. */
  whenFree(): Promise<void>;
};

/** Sizes are rounded up to this, so that messages of nearly the same length share memory. */
const stepBytes = 8_192;

/**
 * Opens an empty store.
 * @param mostKeptBytes memory that waits for the next message, at most
 * @param mostTakenBytes beyond this `whenFree` waits
 */
export function openMessageBuffers(
  mostKeptBytes: number,
  mostTakenBytes: number = Number.POSITIVE_INFINITY,
): MessageBuffers {
  const kept = new Map<number, Buffer[]>();
  let keptBytes = 0;
  let takenBytes = 0;
  const waiting: (() => void)[] = [];
  const letGo = (): void => {
    if (takenBytes <= mostTakenBytes) for (const go of waiting.splice(0)) go();
  };
  return {
    take: (bytes) => {
      const size = Math.ceil(bytes / stepBytes) * stepBytes;
      takenBytes += size;
      const memory = kept.get(size)?.pop();
      if (memory === undefined) return Buffer.allocUnsafeSlow(size);
      keptBytes -= size;
      return memory;
    },
    giveBack: (memory) => {
      takenBytes -= memory.length;
      letGo();
      if (memory.length > mostKeptBytes) return;
      // What fills the store may be of a size that is no longer asked for.
      if (keptBytes + memory.length > mostKeptBytes) {
        kept.clear();
        keptBytes = 0;
      }
      keptBytes += memory.length;
      const ofSize = kept.get(memory.length);
      if (ofSize === undefined) kept.set(memory.length, [memory]);
      else ofSize.push(memory);
    },
    abandon: (memory) => {
      takenBytes -= memory.length;
      letGo();
    },
    get takenBytes() {
      return takenBytes;
    },
    get isFree() {
      return takenBytes <= mostTakenBytes;
    },
    whenFree: () =>
      takenBytes <= mostTakenBytes
        ? alreadyFree
        : new Promise<void>((resolve) => {
            waiting.push(resolve);
          }),
  };
}

const alreadyFree = Promise.resolve();
