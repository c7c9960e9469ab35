/** Transactional events: what a program pushes so that one person gets one message. */

import { emailFormats, eventStatuses } from "./codes.ts";
import { enumerate } from "./enumeration.ts";
import { linkToOne } from "./link-to.ts";
import type { Schema } from "./schema.ts";

type Naming = Pick<Schema, "label" | "labelSingular" | "restName"> & { readonly prefix: "rt" | "batch" };

/** The schema of a queue of events: `rt` for those sent at once, `batch` for those sent in lots. */
export function eventSchema({ prefix, ...naming }: Naming) {
  const table = `nms_${prefix}_event`;
  return {
    namespace: "nms",
    name: `${prefix}Event`,
    ...naming,
    table,
    attributes: {
      id: { type: "int64", column: `${prefix}_event_id`, label: "Primary key", sequenceCache: 20 },
      type: { type: "string", column: "type", label: "Event type", required: true, length: 100 },
      email: { type: "string", column: "email", label: "E-mail", default: "", length: 320 },
      mobilePhone: { type: "string", column: "mobile_phone", label: "Mobile", default: "", length: 50 },
      wishedChannel: { type: "byte", column: "wished_channel", label: "Wished channel", default: 0 },
      emailFormat: {
        type: "byte",
        column: "email_format",
        label: "E-mail format",
        default: 0,
        enumeration: enumerate("emailFormat", emailFormats),
      },
      externalId: { type: "string", column: "external_id", label: "External id", default: "", length: 100 },
      origin: { type: "string", column: "origin", label: "Origin", default: "", length: 100 },
      language: { type: "string", column: "language", label: "Language", default: "", length: 20 },
      country: { type: "string", column: "country", label: "Country", default: "", length: 10 },
      registrationToken: { type: "memo", column: "registration_token", label: "Registration token" },
      scheduled: { type: "datetime", column: "scheduled", label: "Scheduled" },
      expiration: { type: "datetime", column: "expiration", label: "Expires" },
      status: {
        type: "byte",
        column: "status",
        label: "Status",
        default: 0,
        enumeration: enumerate("eventStatus", eventStatuses),
        isReadOnly: true,
      },
      ctx: { type: "xml", column: "ctx", label: "Context" },
      created: { type: "datetime", column: "created", label: "Created", default: "now", stamp: "created" },
      processing: { type: "datetime", column: "processing", label: "Processing since", isReadOnly: true },
      processed: { type: "datetime", column: "processed", label: "Processed", isReadOnly: true },
      "createdBy-id": {
        type: "int64",
        column: "created_by",
        label: "Created by",
        default: 0,
        stamp: "createdBy",
      },
    },
    keys: [{ attributes: ["id"] }],
    links: { createdBy: linkToOne("Created by", "xtk:operator", "createdBy-id") },
    indexes: [
      { name: `${table}_pending`, attributes: ["created"], where: "status = 0" },
      { name: `${table}_type`, attributes: ["type", "created"] },
    ],
    computeString: "@type + ' ' + @email",
    access: { read: "admin", write: "admin" },
  } as const satisfies Schema;
}
