/** A delivery compiled from content alone, without a database: for tests and benches of what is composed from it. */

import { createSecretKey } from "node:crypto";

import { analyzeContent, type ContentProblem, type DeliveryContent } from "#campaign/content/analyze-content.ts";
import { compileDelivery, type DeliveryFacts, type DeliveryMaterial } from "#campaign/content/compile-delivery.ts";
import type { CompiledDelivery, MessageRecipient } from "#campaign/content/compiled-message.ts";
import type { Reading } from "#campaign/content/flatten-template.ts";

export type ContentDraft = Partial<DeliveryContent>;
type Given = Partial<Pick<Reading, "recipient" | "views" | "directives">>;

/** Content with a sender and a subject, and whatever is given. */
export function aContent(given: ContentDraft): DeliveryContent {
  return {
    subject: "Hello",
    fromName: "Shop",
    fromAddress: "news@shop.test",
    replyToAddress: "",
    htmlSource: undefined,
    textSource: undefined,
    ...given,
  };
}

/** The errors that the analysis finds. */
export function errorsOf(content: ContentDraft, given: Given = {}): ContentProblem[] {
  return analyzeContent(aContent(content), "en", given).problems.filter(({ level }) => level === "error");
}

/** Analyses and compiles; throws where the analysis finds an error. */
export function aCompiledDelivery(
  content: ContentDraft,
  { facts, ...given }: Given & { readonly facts?: Partial<DeliveryFacts> } = {},
  material: Partial<DeliveryMaterial> = {},
): CompiledDelivery {
  const analyzed = analyzeContent(aContent(content), "en", given);
  return compileDelivery(
    analyzed,
    {
      deliveryId: 17,
      internalName: "DM17",
      label: "Autumn",
      logDate: "2026-11-21",
      validUntil: undefined,
      fromAddress: "news@shop.test",
      replyToAddress: "",
      errorAddress: "",
      messageFormat: "preference",
      hasEmbeddedImages: false,
      ...facts,
    },
    {
      trackingUrls: analyzed.links.map((url, index) => ({ id: 1_001 + index, type: 1, url })),
      identity: {
        instance: "main",
        bounceDomain: "bounce.shop.test",
        publicUrl: "https://mail.shop.test",
        linkKey: createSecretKey(Buffer.alloc(32, 1)),
        returnPathKey: createSecretKey(Buffer.alloc(32, 2)),
      },
      signingKeys: () => [],
      mailer: "Postrider test",
      precedence: "bulk",
      formatRules: [],
      attachments: [],
      images: new Map(),
      ...material,
    },
  );
}

/** A recipient with the given columns; the others are absent. */
export function aMessageRecipient(
  delivery: CompiledDelivery,
  columns: Readonly<Record<string, string | null>> = {},
  given: Partial<MessageRecipient> = {},
): MessageRecipient {
  const fields = delivery.columns.map((column) => columns[column] ?? null);
  return { broadLogId: 4_242, recipientId: 7, address: "john@example.test", emailFormat: 0, fields, ...given };
}
