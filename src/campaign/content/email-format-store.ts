/** Reads nms_email_format_rule. */

import type { Statements } from "#foundation/database.ts";
import { mimeStructures, nameOfCode } from "#schemas/codes.ts";

import type { EmailFormatRule } from "./email-format.ts";

/** All rules, in the order in which they are tried. */
export function listEmailFormatRules(db: Statements): Promise<EmailFormatRule[]> {
  return db.rows(parseRule)`
    select mask, mime_structure, is_related, has_embedded_images
      from nms_email_format_rule order by position, email_format_rule_id`;
}

function parseRule(raw: unknown): EmailFormatRule {
  const row = raw as { mask: string; mime_structure: number; is_related: boolean; has_embedded_images: boolean };
  return {
    mask: row.mask.trim(),
    structure: nameOfCode(mimeStructures, row.mime_structure) ?? "multipart",
    isRelated: row.is_related,
    hasEmbeddedImages: row.has_embedded_images,
  };
}
