/** Seed addresses: they get every delivery and count in no statistic. */

import { emailFormats, genders } from "./codes.ts";
import { enumerate } from "./enumeration.ts";
import { folderField, folderLink, stampLinks, stamps } from "./fragments.ts";
import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const seedMember = defineSchema({
  namespace: "nms",
  name: "seedMember",
  label: "Seed addresses",
  labelSingular: "Seed address",
  description: "What is empty here is taken from a recipient chosen by chance.",
  table: "nms_seed_member",
  attributes: {
    id: { type: "int64", column: "seed_member_id", label: "Primary key", sequenceCache: 20 },
    ...folderField,
    internalName: { type: "string", column: "internal_name", label: "Internal name", required: true, length: 100 },
    label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
    isModel: { type: "boolean", column: "is_model", label: "Template", default: false, isResetByCopy: true },
    "operation-id": { type: "int64", column: "operation_id", label: "Campaign", default: 0 },
    "delivery-id": { type: "int64", column: "delivery_id", label: "Delivery", default: 0 },
    email: { type: "string", column: "email", label: "E-mail", length: 320 },
    emailFormat: {
      type: "byte",
      column: "email_format",
      label: "E-mail format",
      default: 0,
      enumeration: enumerate("emailFormat", emailFormats),
    },
    salutation: {
      type: "string",
      column: "salutation",
      label: "Salutation",
      length: 50,
      openEnumeration: "salutation",
    },
    firstName: { type: "string", column: "first_name", label: "First name", length: 100 },
    lastName: { type: "string", column: "last_name", label: "Last name", length: 100 },
    gender: { type: "byte", column: "gender", label: "Gender", default: 0, enumeration: enumerate("gender", genders) },
    birthDate: { type: "date", column: "birth_date", label: "Birth date" },
    mobilePhone: { type: "string", column: "mobile_phone", label: "Mobile", length: 50 },
    language: { type: "string", column: "language", label: "Language", length: 20, openEnumeration: "language" },
    company: { type: "string", column: "company", label: "Company", length: 200 },
    "location/address1": { type: "string", column: "address1", label: "Address 1", length: 200 },
    "location/zipCode": { type: "string", column: "zip_code", label: "Zip code", length: 30 },
    "location/city": { type: "string", column: "city", label: "City", length: 100 },
    "location/countryCode": { type: "string", column: "country_code", label: "Country", length: 10 },
    ...stamps,
  },
  keys: [{ attributes: ["id"] }, { attributes: ["internalName"] }],
  links: {
    ...folderLink("seedMember"),
    ...stampLinks,
    operation: linkToOne("Campaign", "nms:operation", "operation-id", { reverse: "seedMember" }),
    delivery: linkToOne("Delivery", "nms:delivery", "delivery-id", { reverse: "seedMember" }),
  },
  indexes: [
    { name: "nms_seed_member_operation", attributes: ["operation-id"], where: "operation_id <> 0" },
    { name: "nms_seed_member_delivery", attributes: ["delivery-id"], where: "delivery_id <> 0" },
  ],
  computeString: "JuxtWords(@label, '(' + @email + ')')",
  folderAttribute: "folder-id",
  access: { write: { right: "delivery" } },
  restName: "seed-addresses",
});
