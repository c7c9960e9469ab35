/** Loads a prepared delivery for sending: content compiled, keys at hand. */

import { createSecretKey } from "node:crypto";

import { compileDelivery } from "#campaign/content/compile-delivery.ts";
import type { CompiledDelivery } from "#campaign/content/compiled-message.ts";
import { type Keyring, openKeyring } from "#campaign/content/dkim/open-keyring.ts";
import { listEmailFormatRules } from "#campaign/content/email-format-store.ts";
import { mailSettings } from "#campaign/content/mail-settings.ts";
import { instanceSettings } from "#foundation/common-settings.ts";
import type { Context } from "#foundation/module.ts";
import { version } from "#foundation/version.ts";

import { analyzeDelivery } from "./analyze-delivery.ts";
import { readDelivery } from "./delivery-store.ts";
import { type KeptFile, readFiles } from "./delivery-file-store.ts";
import { readViews } from "./delivery-view-store.ts";
import { keptFileGone, notPrepared, unknownDelivery } from "./errors.ts";
import { failDelivery } from "./fail-delivery.ts";
import { listTrackingUrls } from "./list-tracking-urls.ts";
import { publicUrl } from "./public-url.ts";

/**
 * Reads and compiles a delivery; the result serves for all its parts.
 * @param keyring what signs; shared by the deliveries of a process
 * @throws unknownDelivery, notPrepared, keptFileGone, contentNotReady, linkNotPrepared, invalidDkimSettings, dkimKeyUnusable
 */
export async function loadDelivery(
  context: Pick<Context, "db" | "clock" | "log" | "settings" | "secrets" | "instance" | "home">,
  deliveryId: number,
  keyring: Keyring = openKeyring(context),
): Promise<CompiledDelivery> {
  const delivery = await readDelivery(context.db, deliveryId);
  if (delivery === undefined) throw unknownDelivery({ delivery: deliveryId });
  const { logDate } = delivery;
  if (logDate === undefined) throw notPrepared({ deliveryId });
  const instance = context.settings.of(instanceSettings);
  const mailHeaders = context.settings.of(mailSettings);
  const views = await readViews(context.db, deliveryId);
  const files = await readIntactFiles(context, deliveryId);
  const content = await analyzeDelivery(context, { ...delivery, views, files });
  return compileDelivery(
    content,
    { ...delivery, ...content.mail, ...content.sender, logDate, validUntil: delivery.validityDate },
    {
      trackingUrls: await listTrackingUrls(context.db, deliveryId),
      identity: {
        instance: context.instance,
        bounceDomain: instance.bounceDomain,
        publicUrl: publicUrl(context),
        linkKey: createSecretKey(context.secrets.deriveKey("links", context.instance)),
        returnPathKey: createSecretKey(context.secrets.deriveKey("return-path", context.instance)),
      },
      signingKeys: await keyring.keysFor(content.sender.fromAddress),
      mailer: mailHeaders.xMailer.replaceAll("$(PRODUCT_VERSION)", version),
      precedence: mailHeaders.precedence,
      formatRules: await listEmailFormatRules(context.db),
      attachments: content.files.attachments,
      images: content.files.images,
    },
  );
}

/** Fails the delivery when a file is not what it was: a message without it, or with another one, is not the one that was prepared. */
async function readIntactFiles(
  { db }: Pick<Context, "db">,
  deliveryId: number,
): Promise<readonly KeptFile[] | undefined> {
  const read = await readFiles(db, deliveryId);
  const internalName = read?.damaged[0];
  if (internalName === undefined) return read?.files;
  const error = keptFileGone({ deliveryId, internalName });
  await failDelivery(db, deliveryId, error.message);
  throw error;
}
