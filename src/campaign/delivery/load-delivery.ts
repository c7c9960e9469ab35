/** Loads a prepared delivery for sending: content compiled, keys at hand. */

import { createSecretKey } from "node:crypto";

import { compileDelivery } from "#campaign/content/compile-delivery.ts";
import type { CompiledDelivery } from "#campaign/content/compiled-message.ts";
import { loadDkimKey } from "#campaign/content/load-dkim-key.ts";
import { instanceSettings } from "#foundation/common-settings.ts";
import type { Context } from "#foundation/module.ts";
import { version } from "#foundation/version.ts";

import { analyzeDelivery } from "./analyze-delivery.ts";
import { readDelivery } from "./delivery-store.ts";
import { notPrepared, unknownDelivery } from "./errors.ts";
import { listTrackingUrls } from "./list-tracking-urls.ts";
import { publicUrl } from "./public-url.ts";

/**
 * Reads and compiles a delivery; the result serves for all its parts.
 * @throws unknownDelivery, notPrepared, contentNotReady, linkNotPrepared, invalidDkimSettings
 */
export async function loadDelivery(
  context: Pick<Context, "db" | "clock" | "log" | "settings" | "secrets" | "instance" | "home">,
  deliveryId: number,
): Promise<CompiledDelivery> {
  const delivery = await readDelivery(context.db, deliveryId);
  if (delivery === undefined) throw unknownDelivery({ delivery: deliveryId });
  const { logDate } = delivery;
  if (logDate === undefined) throw notPrepared({ deliveryId });
  const instance = context.settings.of(instanceSettings);
  return compileDelivery(
    await analyzeDelivery(context, delivery),
    { ...delivery, logDate, validUntil: delivery.validityDate },
    {
      trackingUrls: await listTrackingUrls(context.db, deliveryId),
      identity: {
        instance: context.instance,
        bounceDomain: instance.bounceDomain,
        publicUrl: publicUrl(context),
        linkKey: createSecretKey(context.secrets.deriveKey("links", context.instance)),
        returnPathKey: createSecretKey(context.secrets.deriveKey("return-path", context.instance)),
      },
      dkim: loadDkimKey(context.settings, context.home),
      mailer: `Postrider ${version}`,
    },
  );
}
