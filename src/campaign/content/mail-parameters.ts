/** What a delivery says about its messages beside their texts: Classic's SMTP tab, formats and attachments. */

import { messageFormats, nameOfCode } from "#schemas/codes.ts";

export type MailParameters = {
  /** Shown before the reply address. */
  readonly replyToName: string;
  /** Bounces come back to it; empty = each message has a signed return path of its own. */
  readonly errorAddress: string;
  /** As the author wrote them: `name: value`, one a line. */
  readonly customHeaders: string;
  readonly messageFormat: keyof typeof messageFormats;
  /** Images of our own travel within the message, whatever the rule of the domain says. */
  readonly hasEmbeddedImages: boolean;
  readonly attachments: readonly AttachmentRequest[];
  /** Undefined when the attachments could be read. */
  readonly attachmentsProblem: string | undefined;
};

export type AttachmentRequest = {
  /** Internal name of an xtk:fileRes. */
  readonly file: string;
  /** What the recipient sees; empty = the name of the file. */
  readonly name: string;
};

/** Reads the document of a row of nms_delivery; never throws: what is wrong is told by the analysis. */
export function parseMailParameters(data: unknown): MailParameters {
  const given = isRecord(data) ? data : {};
  const attachments = parseAttachments(given["mailParameters/attachments"]);
  return {
    replyToName: textOf(given["mailParameters/replyName"]),
    errorAddress: textOf(given["mailParameters/errorAddress"]).trim(),
    customHeaders: textOf(given["mailParameters/headers"]),
    messageFormat: nameOfCode(messageFormats, Number(given["mailParameters/messageFormat"] ?? 0)) ?? "preference",
    hasEmbeddedImages: given["mailParameters/hasEmbeddedImages"] === true,
    attachments: attachments ?? [],
    attachmentsProblem:
      attachments === undefined
        ? 'They must be a list such as [{"file": "RES1001", "name": "Prices.pdf"}], without the name or with it.'
        : undefined,
  };
}

function parseAttachments(given: unknown): AttachmentRequest[] | undefined {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given)) return undefined;
  const requests = given.map((entry: unknown) => {
    if (typeof entry === "string") return { file: entry, name: "" };
    if (!isRecord(entry) || typeof entry["file"] !== "string") return undefined;
    return { file: entry["file"], name: textOf(entry["name"]) };
  });
  return requests.every((request) => request !== undefined) ? requests : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
