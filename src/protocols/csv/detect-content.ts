/** Says from a file's first bytes whether it is text that can be read as CSV, and what it is when it is not. */

export type Content =
  | { readonly kind: "text"; readonly markBytes: number }
  | {
      readonly kind: "other";
      /** Completes "the file is ...": `UTF-16 text`, `a ZIP archive or an Excel workbook`. */
      readonly name: string;
    };

/** Enough to judge by; more is not looked at. */
export const detectionBytes = 64 * 1024;

const signatures: readonly (readonly [bytes: string, name: string])[] = [
  ["504b0304", "a ZIP archive or an Excel workbook (.xlsx)"],
  ["504b0506", "a ZIP archive"],
  ["d0cf11e0a1b11ae1", "an old Excel workbook (.xls)"],
  ["1f8b", "compressed with gzip"],
  ["425a68", "compressed with bzip2"],
  ["fd377a585a00", "compressed with xz"],
  ["28b52ffd", "compressed with zstd"],
  ["377abcaf271c", "a 7-Zip archive"],
  ["526172211a07", "a RAR archive"],
  ["25504446", "a PDF document"],
  ["89504e47", "a PNG picture"],
  ["ffd8ff", "a JPEG picture"],
  ["47494638", "a GIF picture"],
  ["7f454c46", "a program"],
  ["53514c69746520666f726d6174203300", "an SQLite database"],
  ["50415231", "a Parquet file"],
];

/** UTF-16 text holds a zero in nearly every other byte as far as it is Latin; other binary content holds fewer or more. */
const zeroShareOfWideText = 0.2;
const controlShareOfBinary = 0.05;

/** @param head the first bytes, up to `detectionBytes` of them */
export function detectContent(head: Uint8Array): Content {
  const hex = Buffer.from(head.subarray(0, 16)).toString("hex");
  if (hex.startsWith("efbbbf")) return { kind: "text", markBytes: 3 };
  if (hex.startsWith("fffe0000") || hex.startsWith("0000feff")) return { kind: "other", name: "UTF-32 text" };
  if (hex.startsWith("fffe") || hex.startsWith("feff")) return { kind: "other", name: "UTF-16 text" };
  const known = signatures.find(([bytes]) => hex.startsWith(bytes));
  if (known !== undefined) return { kind: "other", name: known[1] };

  const { zerosAtEven, zerosAtOdd, controls } = countControls(head);
  const zeros = zerosAtEven + zerosAtOdd;
  const isOneSided = Math.min(zerosAtEven, zerosAtOdd) * 20 <= zeros;
  if (zeros > head.length * zeroShareOfWideText && isOneSided) return { kind: "other", name: "UTF-16 text" };
  if (controls > head.length * controlShareOfBinary) return { kind: "other", name: "binary data" };
  return { kind: "text", markBytes: 0 };
}

function countControls(head: Uint8Array): { zerosAtEven: number; zerosAtOdd: number; controls: number } {
  let zerosAtEven = 0;
  let zerosAtOdd = 0;
  let controls = 0;
  for (const [index, byte] of head.entries()) {
    if (byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d) continue;
    controls += 1;
    if (byte !== 0) continue;
    if (index % 2 === 0) zerosAtEven += 1;
    else zerosAtOdd += 1;
  }
  return { zerosAtEven, zerosAtOdd, controls };
}
