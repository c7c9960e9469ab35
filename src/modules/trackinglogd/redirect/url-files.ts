/** Where the links of each delivery lead: one file per delivery on disk, the ones in use in memory. */

import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";

import { type DeliveryLinks, formatDeliveryLinks, parseDeliveryLinks } from "#channels/hits/delivery-links.ts";
import type { Clock } from "#foundation/clock.ts";

export type KnownDelivery = {
  readonly validUntil: Date | null;
  readonly urls: ReadonlyMap<number, { readonly type: number; readonly url: string }>;
};

export type UrlFiles = {
  /** Resolves once the links are on disk for good. */
  store(links: DeliveryLinks): Promise<void>;
  /** The links of a delivery, or undefined when they were never stored here; at once when they are in memory. */
  find(deliveryId: number): KnownDelivery | undefined | Promise<KnownDelivery | undefined>;
};

/**
 * Opens the folder of one instance: `<YYYY>/<delivery in hexadecimal>.json`.
 * @param mostInMemory deliveries kept in memory, those used last
 */
export function openUrlFiles({
  folder,
  mostInMemory,
  clock,
}: {
  folder: string;
  mostInMemory: number;
  clock: Clock;
}): UrlFiles {
  const memory = new Map<number, KnownDelivery>();
  const loading = new Map<number, Promise<KnownDelivery | undefined>>();
  let drafts = 0;

  const remember = (deliveryId: number, known: KnownDelivery): KnownDelivery => {
    memory.delete(deliveryId);
    memory.set(deliveryId, known);
    const oldest = memory.keys().next();
    if (memory.size > mostInMemory && oldest.done !== true) memory.delete(oldest.value);
    return known;
  };

  const load = async (deliveryId: number): Promise<KnownDelivery | undefined> => {
    const path = await findFile(folder, deliveryId);
    if (path === undefined) return undefined;
    const read = index(parseDeliveryLinks(await readFile(path, "utf8")));
    // What was stored meanwhile is newer than what was read.
    return memory.get(deliveryId) ?? remember(deliveryId, read);
  };

  return {
    store: async (links) => {
      const path =
        (await findFile(folder, links.deliveryId)) ??
        join(folder, String(clock.now().getUTCFullYear()), fileName(links.deliveryId));
      await mkdir(join(path, ".."), { recursive: true, mode: 0o750 });
      drafts += 1;
      await writeDurably(path, `${path}.${process.pid}.${drafts}`, formatDeliveryLinks(links));
      remember(links.deliveryId, index(links));
    },
    find: (deliveryId) => {
      const known = memory.get(deliveryId);
      if (known !== undefined) return remember(deliveryId, known);
      // The first clicks of a large delivery come together: one of them reads the file.
      const underWay = loading.get(deliveryId) ?? load(deliveryId).finally(() => loading.delete(deliveryId));
      loading.set(deliveryId, underWay);
      return underWay;
    },
  };
}

function index(links: DeliveryLinks): KnownDelivery {
  return { validUntil: links.validUntil, urls: new Map(links.urls.map(({ id, type, url }) => [id, { type, url }])) };
}

function fileName(deliveryId: number): string {
  return `${deliveryId.toString(16)}.json`;
}

/** The newest year first: most clicks follow within days. */
async function findFile(folder: string, deliveryId: number): Promise<string | undefined> {
  const years = (await readdir(folder).catch(() => []))
    .filter((name) => /^\d{4}$/.test(name))
    .sort()
    .reverse();
  for (const year of years) {
    const path = join(folder, year, fileName(deliveryId));
    const handle = await open(path, "r").catch(() => undefined);
    if (handle === undefined) continue;
    await handle.close();
    return path;
  }
  return undefined;
}

/** Sending starts when the links are stored: they must then survive a power failure too. */
async function writeDurably(path: string, draft: string, text: string): Promise<void> {
  try {
    const handle = await open(draft, "wx", 0o644);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, path);
    const folder = await open(join(path, ".."), "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
