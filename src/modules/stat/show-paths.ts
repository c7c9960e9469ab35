/** What `postrider stat -show` and the page are told, one datagram at a time. */

import { longestDatagramBytes, type Overview, pathKey, type ShownPath } from "#channels/permits/permit-messages.ts";

import type { QuotaBook } from "./quotas/quota-book.ts";
import type { WaitingBoard } from "./waiting-board.ts";

export type ShowPaths = (after: string) => {
  readonly overview: Overview;
  readonly paths: readonly ShownPath[];
  readonly isLast: boolean;
};

/** A list is made once for all the datagrams that it takes. */
const listKeptMs = 1_000;
const answerBytes = longestDatagramBytes - 1_600;
const mostWaitsOfPath = 8;

/**
 * Prepares the answers.
 * @param overview what is known of the whole at the moment
 */
export function openShowPaths(options: {
  readonly book: QuotaBook;
  readonly board: WaitingBoard;
  readonly nowMs: () => number;
  readonly overview: () => Overview;
}): ShowPaths {
  const { book, board, nowMs } = options;
  let list: { readonly atMs: number; readonly paths: readonly ShownPath[] } | undefined;
  return (after) => {
    if (list === undefined || nowMs() - list.atMs > listKeptMs) list = { atMs: nowMs(), paths: listPaths(book, board) };
    const { paths } = list;
    const from = after === "" ? 0 : firstBehind(paths, after);
    let bytes = 0;
    let to = from;
    for (let path = paths[to]; path !== undefined; path = paths[to]) {
      bytes += Buffer.byteLength(JSON.stringify(path)) + 1;
      if (bytes > answerBytes && to > from) break;
      to += 1;
    }
    return { overview: options.overview(), paths: paths.slice(from, to), isLast: to === paths.length };
  };
}

function listPaths(book: QuotaBook, board: WaitingBoard): ShownPath[] {
  const byKey = new Map(book.describe().map((path) => [path.key, path]));
  for (const wait of board.list()) {
    const path = wait.path ?? { host: wait.destination, address: "", publicId: 0 };
    const key = pathKey(path);
    const shown = byKey.get(key) ?? book.describePath(path);
    const waiting = [...shown.waiting, wait].sort((one, other) => other.messages - one.messages);
    byKey.set(key, { ...shown, waiting: waiting.slice(0, mostWaitsOfPath) });
  }
  return [...byKey.values()].sort((one, other) => compare(one.key, other.key));
}

/** Where the list goes on, also when the path named is gone from it. */
function firstBehind(paths: readonly ShownPath[], after: string): number {
  let low = 0;
  let high = paths.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(paths[middle]?.key ?? "", after) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
