/** Cuts what a socket receives into lines, for scripted servers. */

import type { Socket } from "node:net";

/** Calls back for each line, without its line end. */
export function listenToLines(socket: Socket, onLine: (line: string) => void): void {
  let unread = "";
  socket.on("data", (chunk: Buffer) => {
    unread += chunk.toString("latin1");
    for (let end = unread.indexOf("\n"); end >= 0; end = unread.indexOf("\n")) {
      const line = unread.slice(0, end).replace(/\r$/, "");
      unread = unread.slice(end + 1);
      onLine(line);
    }
  });
}
