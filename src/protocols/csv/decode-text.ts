/** Turns the bytes of a file into text, piece by piece, and finds the first byte that is not text of its encoding. */

import { isUtf8 } from "node:buffer";

/** latin1 is read as windows-1252, its superset, as browsers do. */
export const encodings = ["utf-8", "windows-1252", "latin1"] as const;
export type Encoding = (typeof encodings)[number];

export type Decoding = {
  readonly text: string;
  /** True when the text ends before a byte that the encoding does not allow. */
  readonly isBroken: boolean;
};

export type TextDecoding = {
  push(bytes: Buffer): Decoding;
  end(): Decoding;
};

/** Begins to decode; characters that are cut between pieces are put together. */
export function createTextDecoding(encoding: Encoding): TextDecoding {
  return encoding === "utf-8" ? decodeUtf8() : decodeSingleBytes();
}

function decodeUtf8(): TextDecoding {
  let carried = Buffer.alloc(0);
  return {
    push: (bytes) => {
      const joined = carried.length === 0 ? bytes : Buffer.concat([carried, bytes]);
      const whole = joined.length - countCutBytes(joined);
      carried = Buffer.from(joined.subarray(whole));
      const complete = joined.subarray(0, whole);
      return isUtf8(complete)
        ? { text: complete.toString("utf8"), isBroken: false }
        : { text: validBeginning(complete), isBroken: true };
    },
    end: () => ({ text: "", isBroken: carried.length > 0 }),
  };
}

function decodeSingleBytes(): TextDecoding {
  const decoder = new TextDecoder("windows-1252");
  return {
    push: (bytes) => ({ text: decoder.decode(bytes), isBroken: false }),
    end: () => ({ text: "", isBroken: false }),
  };
}

/** How many bytes at the end begin a character that is not complete: 0 to 3. */
function countCutBytes(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needed > back ? back : 0;
    }
  }
  return 0;
}

/** The longest beginning that is valid, found by halving; asked for once in a file. */
function validBeginning(bytes: Buffer): string {
  let valid = 0;
  let broken = bytes.length;
  while (broken - valid > 1) {
    const middle = (valid + broken) >> 1;
    const part = bytes.subarray(0, middle);
    if (isUtf8(part.subarray(0, middle - countCutBytes(part)))) valid = middle;
    else broken = middle;
  }
  const part = bytes.subarray(0, valid);
  return part.subarray(0, valid - countCutBytes(part)).toString("utf8");
}
