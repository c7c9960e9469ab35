/** Picks, out of the words of a notice, the lines in which a server says why. */

const replyLine = /(?:^|[\s:<("'>=])[45]\d\d[\s\-:]|[\s(#][45]\.\d{1,3}\.\d{1,3}\b/;
const opening =
  /^(?:<<<|received >>>|reason:|\(reason:|remote host said|said:|error:|diagnostic|the error that the other server returned|remote server returned|reported error|smtp error|response)/i;

/** The reply lines when there are any (with what they go on with), else all lines. */
export function chooseDiagnostic(words: string): string {
  const lines = words.split("\n");
  const chosen: string[] = [];
  let following = 0;
  for (const line of lines) {
    if (/^(?:>>>|sent <<<)/i.test(line)) continue;
    if (replyLine.test(line) || opening.test(line)) following = 3;
    if (following > 0) chosen.push(line);
    following -= 1;
  }
  return (chosen.length > 0 ? chosen : lines).join(" ").replace(/\s+/g, " ").slice(0, 2_000);
}
