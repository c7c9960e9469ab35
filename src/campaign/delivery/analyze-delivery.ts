/** Reads a delivery's content with the fields that its instance knows. */

import { type AnalyzedContent, analyzeContent, type DeliveryContent } from "#campaign/content/analyze-content.ts";
import { instanceSettings } from "#foundation/common-settings.ts";
import type { Context } from "#foundation/module.ts";

/**
 * Analyses content; never throws on what an author wrote. The schemas of the instance are loaded only when something is
 * wrong without them: a child that sends must stay small.
 */
export async function analyzeDelivery(
  context: Pick<Context, "db" | "clock" | "log" | "settings">,
  delivery: DeliveryContent,
): Promise<AnalyzedContent> {
  const { lang } = context.settings.of(instanceSettings);
  const content = analyzeContent(delivery, lang);
  if (!content.problems.some(({ level }) => level === "error")) return content;
  const { schemasOf } = await import("#campaign/structure/instance-schemas.ts");
  const recipient = (await schemasOf(context)).find("nms:recipient");
  return recipient === undefined ? content : analyzeContent(delivery, lang, recipient);
}
