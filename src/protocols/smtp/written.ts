/** A content with the commands around it: in one piece of memory, and as it is shown in traces. */

import type { Trace, Written } from "./conversation.ts";

/** Writes the commands around the content; undefined where there is no room. */
export function joinInPlace({ before, content, behind, margins }: Written): Buffer | undefined {
  if (margins === undefined) return undefined;
  const bytesBefore = Buffer.byteLength(before);
  const bytesBehind = Buffer.byteLength(behind);
  if (bytesBefore > margins.before || bytesBehind > margins.behind) return undefined;
  const whole = Buffer.from(
    content.buffer,
    content.byteOffset - bytesBefore,
    bytesBefore + content.length + bytesBehind,
  );
  whole.write(before, 0);
  whole.write(behind, bytesBefore + content.length);
  return whole;
}

/** Shows a content by its length, with the commands around it. */
export function traceContent(trace: Trace, { before, content, behind }: Written): void {
  traceCommands(trace, before);
  trace(">", `(${content.length} bytes of content)`);
  traceCommands(trace, behind);
}

/** Shows each command on a line of its own. */
export function traceCommands(trace: Trace, commands: string): void {
  if (commands !== "") for (const line of commands.trimEnd().split("\r\n")) trace(">", line);
}
