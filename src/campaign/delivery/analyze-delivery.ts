/** Reads a delivery's content with the fields, files and options that its instance knows. */

import { type AnalyzedContent, analyzeContent, type DeliveryContent } from "#campaign/content/analyze-content.ts";
import { checkSender, parseMasks } from "#campaign/content/check-sender.ts";
import { collectViews } from "#campaign/content/collect-views.ts";
import type { Reading, Views } from "#campaign/content/flatten-template.ts";
import { type CollectedFiles, collectFiles } from "#campaign/content/collect-files.ts";
import { type MailParameters, parseMailParameters } from "#campaign/content/mail-parameters.ts";
import { mailSettings } from "#campaign/content/mail-settings.ts";
import { readMailOptions } from "#campaign/content/mail-option-store.ts";
import type { FileCondition, StoredFile } from "#campaign/content/message-file-store.ts";
import { instanceSettings } from "#foundation/common-settings.ts";
import type { Context } from "#foundation/module.ts";

import type { Delivery } from "./delivery.ts";
import { describeForContent } from "./describe-for-content.ts";
import { publicUrl } from "./public-url.ts";

export type AnalyzedDelivery = AnalyzedContent & {
  /** With the sender that the options name where the delivery names none. */
  readonly sender: Pick<DeliveryContent, "fromAddress" | "replyToAddress">;
  readonly mail: MailParameters;
  readonly files: CollectedFiles;
  /** The blocks that it includes. */
  readonly views: Views;
};

type AnalysisContext = Pick<Context, "db" | "clock" | "log" | "settings" | "home" | "instance">;
/** What is read of a delivery; `data` as it is stored. */
type Analyzable = DeliveryContent &
  Partial<Pick<Delivery, "deliveryId" | "label" | "internalName">> & {
    readonly data: unknown;
    /** The blocks as they were; read from the database when they are left out. */
    readonly views?: Views;
    /** The files as they were; those that are uploaded now when they are left out. */
    readonly files?: readonly StoredFile[] | undefined;
  };

/**
 * Analyses content; never throws on what an author wrote.
 * @param condition the files that whoever described the delivery may read; all when it is left out
 */
export async function analyzeDelivery(
  context: AnalysisContext,
  delivery: Analyzable,
  condition?: FileCondition,
): Promise<AnalyzedDelivery> {
  const { bounceDomain } = context.settings.of(instanceSettings);
  const mail = parseMailParameters(delivery.data);
  const options = await readMailOptions(context.db, optionNames);
  const content = completeSender({ ...delivery, customHeaders: mail.customHeaders }, mail, options);
  const views =
    delivery.views ??
    (await collectViews(context.db, [
      content.subject,
      content.fromName,
      content.htmlSource,
      content.textSource,
      content.customHeaders,
    ]));
  const analyzed = await analyze(context, content, {
    views,
    directives: { objects: { delivery: describeForContent(delivery) } },
  });
  const files = await collectFiles(context, {
    mail,
    images: analyzed.images,
    publicUrl: publicUrl(context),
    bounceDomain,
    limits: context.settings.of(mailSettings),
    ...(condition === undefined ? {} : { condition }),
    ...(delivery.files === undefined ? {} : { kept: delivery.files }),
  });
  const masksOf = (name: (typeof optionNames)[number]): string[] => parseMasks(options.get(name) ?? "");
  const problems = checkSender(
    { ...content, errorAddress: mail.errorAddress, bounceDomain },
    { from: masksOf("NmsDelivery_FromAddressMasks"), error: masksOf("NmsDelivery_ErrorAddressMasks") },
  );
  return {
    ...analyzed,
    problems: [...analyzed.problems, ...problems, ...files.problems],
    sender: content,
    mail,
    files,
    views,
  };
}

const optionNames = [
  "NmsDelivery_FromAddressMasks",
  "NmsDelivery_ErrorAddressMasks",
  "NmsEmail_DefaultFromAddr",
  "NmsEmail_DefaultReplyToAddr",
  "NmsEmail_FromName",
  "NmsEmail_ReplyToName",
] as const;

function completeSender(
  content: DeliveryContent,
  { replyToName }: MailParameters,
  options: ReadonlyMap<(typeof optionNames)[number], string>,
): DeliveryContent {
  const replyToAddress = content.replyToAddress || (options.get("NmsEmail_DefaultReplyToAddr") ?? "");
  return {
    ...content,
    fromAddress: content.fromAddress || (options.get("NmsEmail_DefaultFromAddr") ?? ""),
    fromName: content.fromName || (options.get("NmsEmail_FromName") ?? ""),
    replyToAddress,
    replyToName: replyToName || (replyToAddress === "" ? "" : (options.get("NmsEmail_ReplyToName") ?? "")),
  };
}

/** The schemas of the instance are loaded only when something is wrong without them: a child that sends must stay small. */
async function analyze(
  context: AnalysisContext,
  delivery: DeliveryContent,
  given: Pick<Reading, "views" | "directives">,
): Promise<AnalyzedContent> {
  const { lang } = context.settings.of(instanceSettings);
  const content = analyzeContent(delivery, lang, given);
  if (!content.readsWholeRecipient && !content.problems.some(({ level }) => level === "error")) return content;
  const { schemasOf } = await import("#campaign/structure/instance-schemas.ts");
  const recipient = (await schemasOf(context)).find("nms:recipient");
  return recipient === undefined ? content : analyzeContent(delivery, lang, { ...given, recipient });
}
