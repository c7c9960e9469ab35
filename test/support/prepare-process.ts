/** A process that prepares one delivery, for tests that kill it: `node prepare-process.ts <database url> <delivery id>`. */

import { prepareDelivery } from "#campaign/delivery/prepare-delivery.ts";
import { openDatabase } from "#foundation/database.ts";

import { aContext } from "./context.ts";

const [url = "", deliveryId = ""] = process.argv.slice(2);
const endings: (() => void | Promise<void>)[] = [];
const db = openDatabase({ address: { url }, applicationName: "prepare-process", maxConnections: 5 });
const context = await aContext({ after: (clean) => void endings.push(clean) }, { db });
try {
  const preparation = await prepareDelivery(context, Number(deliveryId));
  process.stdout.write(`${preparation.kind}\n`);
} finally {
  await db.close();
  for (const clean of endings) await clean();
}
