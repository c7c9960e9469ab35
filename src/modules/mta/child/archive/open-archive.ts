/**
 * Keeps the source of what is sent: `<path>/2026-11-21/14h/<deliveryId>-<broadLogId>.eml` before it leaves, `...-sent.eml` once it was
 * taken. A folder that cannot be written says so and does not stop the sending.
 */

import { mkdir, rename, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { Outcome } from "#campaign/broadlog/outcome.ts";
import { describeError } from "#foundation/errors.ts";
import type { Log } from "#foundation/log.ts";

export type Archive = {
  /** Writes a message to be sent; its bytes are free again when this resolves. */
  keep(message: ArchivedMessage, content: Uint8Array): Promise<void>;
  /** Names a message as sent, and removes one that was surely not; one in doubt stays as it is. */
  settle(message: ArchivedMessage, outcome: Outcome["kind"] | "left"): Promise<void>;
};

export type ArchivedMessage = { readonly deliveryId: number; readonly broadLogId: number };

/** A disk that is full says so once in this time. */
const sayAgainMs = 60_000;

/**
 * Opens the archive.
 * @param options.folder empty: nothing is archived
 * @source Classic: `mta/@dataLogPath`, E-mail BCC archive
 */
export function openArchive(options: {
  readonly folder: string;
  readonly log: Log;
  readonly now: () => Date;
  readonly elapsedMs: () => number;
}): Archive | undefined {
  const { folder, log, now, elapsedMs } = options;
  if (folder === "") return undefined;
  /** Where messages lie that are under way. */
  const files = new Map<string, string>();
  const folders = new Set<string>();
  let quietUntilMs = 0;
  let missed = 0;

  const complain = (error: unknown): void => {
    missed += 1;
    if (elapsedMs() < quietUntilMs) return;
    quietUntilMs = elapsedMs() + sayAgainMs;
    log.error("mta.archive_failed", { folder, missed, reason: describeError(error) });
  };

  const makeFolder = async (path: string): Promise<void> => {
    if (folders.has(path)) return;
    await mkdir(path, { recursive: true });
    // An hour is over soon: the few that were made before are of no use.
    if (folders.size > 4) folders.clear();
    folders.add(path);
  };

  return {
    keep: async (message, content) => {
      const file = join(folder, archiveName(message, now()));
      try {
        const former = files.get(keyOf(message));
        if (former !== undefined && former !== file) await unlink(former);
        await makeFolder(dirname(file));
        await writeFile(file, content);
        files.set(keyOf(message), file);
      } catch (error) {
        folders.clear();
        complain(error);
        await unlink(file).catch(() => undefined);
      }
    },
    settle: async (message, outcome) => {
      const file = files.get(keyOf(message));
      if (file === undefined) return;
      files.delete(keyOf(message));
      try {
        if (outcome === "sent") await rename(file, file.replace(/\.eml$/, "-sent.eml"));
        else if (outcome !== "in_doubt" && outcome !== "held") await unlink(file);
      } catch (error) {
        complain(error);
      }
    },
  };
}

/** The file of a message below the archive's folder, by the hour in UTC. */
export function archiveName({ deliveryId, broadLogId }: ArchivedMessage, at: Date): string {
  const [day = "", time = ""] = at.toISOString().split("T");
  return join(day, `${time.slice(0, 2)}h`, `${deliveryId}-${broadLogId}.eml`);
}

function keyOf({ deliveryId, broadLogId }: ArchivedMessage): string {
  return `${deliveryId}-${broadLogId}`;
}
