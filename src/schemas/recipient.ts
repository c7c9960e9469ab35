/** The people an instance knows. */

import { emailFormats, genders } from "./codes.ts";
import { enumerate } from "./enumeration.ts";
import { defineSchema } from "./schema.ts";

export const recipient = defineSchema({
  namespace: "nms",
  name: "recipient",
  label: "Recipients",
  labelSingular: "Recipient",
  table: "nms_recipient",
  attributes: {
    id: { type: "int64", column: "recipient_id", label: "Primary key", sequenceCache: 1000 },
    "folder-id": { type: "int64", column: "folder_id", label: "Folder", default: 0 },
    email: { type: "string", column: "email", label: "E-mail", length: 320 },
    emailKey: {
      type: "string",
      column: "email_key",
      label: "E-mail as compared",
      description:
        "The address as lists are reconciled on it: lower case, and without dots where the provider ignores them.",
    },
    domain: {
      type: "string",
      column: "email_domain",
      label: "E-mail domain",
      computed: "lower(split_part(email, '@', 2))",
    },
    emailFormat: {
      type: "byte",
      column: "email_format",
      label: "E-mail format",
      default: 0,
      enumeration: enumerate("emailFormat", emailFormats),
    },
    salutation: { type: "string", column: "salutation", label: "Salutation", length: 50 },
    firstName: { type: "string", column: "first_name", label: "First name", length: 100 },
    lastName: { type: "string", column: "last_name", label: "Last name", length: 100 },
    gender: { type: "byte", column: "gender", label: "Gender", default: 0, enumeration: enumerate("gender", genders) },
    birthDate: { type: "date", column: "birth_date", label: "Birth date" },
    phone: { type: "string", column: "phone", label: "Phone", length: 50 },
    mobilePhone: { type: "string", column: "mobile_phone", label: "Mobile", length: 50 },
    language: { type: "string", column: "language", label: "Language", length: 20 },
    company: { type: "string", column: "company", label: "Company", length: 200 },
    account: { type: "string", column: "account", label: "Account", length: 100 },
    "location/address1": { type: "string", column: "address1", label: "Address", length: 200 },
    "location/zipCode": { type: "string", column: "zip_code", label: "Zip code", length: 30 },
    "location/city": { type: "string", column: "city", label: "City", length: 100 },
    "location/stateCode": { type: "string", column: "state_code", label: "State or province", length: 30 },
    "location/countryCode": { type: "string", column: "country_code", label: "Country", length: 10 },
    origin: { type: "string", column: "origin", label: "Origin", length: 100 },
    status: { type: "byte", column: "status", label: "Status", default: 0 },
    blackList: { type: "boolean", column: "black_list", label: "No longer contact (by any channel)", default: false },
    blackListEmail: {
      type: "boolean",
      column: "black_list_email",
      label: "No longer contact by e-mail",
      default: false,
    },
    text1: { type: "string", column: "text1", label: "Text 1", length: 1000 },
    text2: { type: "string", column: "text2", label: "Text 2", length: 1000 },
    text3: { type: "string", column: "text3", label: "Text 3", length: 1000 },
    text4: { type: "string", column: "text4", label: "Text 4", length: 1000 },
    text5: { type: "string", column: "text5", label: "Text 5", length: 1000 },
    created: { type: "datetime", column: "created", label: "Created", default: "now" },
    lastModified: { type: "datetime", column: "last_modified", label: "Last modified", default: "now" },
  },
  keys: [{ attributes: ["id"] }],
  links: {
    folder: { label: "Folder", target: "xtk:folder", cardinality: "one", join: [{ from: "folder-id", to: "id" }] },
    rcpGrpRel: {
      label: "Group memberships",
      target: "nms:rcpGrpRel",
      cardinality: "many",
      join: [{ from: "id", to: "recipient-id" }],
    },
    broadLog: {
      label: "Delivery logs",
      target: "nms:broadLogRcp",
      cardinality: "many",
      join: [{ from: "id", to: "recipient-id" }],
    },
    trackingLog: {
      label: "Tracking logs",
      target: "nms:trackingLogRcp",
      cardinality: "many",
      join: [{ from: "id", to: "recipient-id" }],
    },
  },
  indexes: [{ name: "nms_recipient_email_key", attributes: ["emailKey"] }],
});
