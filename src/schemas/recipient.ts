/** The people an instance knows. */

import { emailFormats, genders } from "./codes.ts";
import { enumerate } from "./enumeration.ts";
import { folderField, folderLink, stampLinks, stamps } from "./fragments.ts";
import { linkToMany, linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const recipient = defineSchema({
  namespace: "nms",
  name: "recipient",
  label: "Recipients",
  labelSingular: "Recipient",
  table: "nms_recipient",
  attributes: {
    id: { type: "int64", column: "recipient_id", label: "Primary key", sequenceCache: 1000 },
    ...folderField,
    email: { type: "string", column: "email", label: "E-mail", length: 320 },
    emailKey: {
      type: "string",
      column: "email_key",
      label: "E-mail as compared",
      description:
        "The address as lists are reconciled on it: lower case, and without dots where the provider ignores them.",
      isReadOnly: true,
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
    phone: { type: "string", column: "phone", label: "Phone", length: 50 },
    mobilePhone: { type: "string", column: "mobile_phone", label: "Mobile", length: 50 },
    fax: { type: "string", column: "fax", label: "Fax", length: 50 },
    language: { type: "string", column: "language", label: "Language", length: 20, openEnumeration: "language" },
    company: { type: "string", column: "company", label: "Company", length: 200 },
    account: { type: "string", column: "account", label: "Account", length: 100 },
    "location/address1": { type: "string", column: "address1", label: "Address 1", length: 200 },
    "location/address2": { type: "string", column: "address2", label: "Address 2", length: 200 },
    "location/address3": { type: "string", column: "address3", label: "Address 3", length: 200 },
    "location/address4": { type: "string", column: "address4", label: "Address 4", length: 200 },
    "location/zipCode": { type: "string", column: "zip_code", label: "Zip code", length: 30 },
    "location/city": { type: "string", column: "city", label: "City", length: 100 },
    "location/stateCode": { type: "string", column: "state_code", label: "State or province", length: 30 },
    "location/countryCode": { type: "string", column: "country_code", label: "Country", length: 10 },
    origin: { type: "string", column: "origin", label: "Origin", length: 100, openEnumeration: "origin" },
    status: { type: "byte", column: "status", label: "Status", default: 0 },
    blackList: { type: "boolean", column: "black_list", label: "No longer contact (by any channel)", default: false },
    blackListEmail: {
      type: "boolean",
      column: "black_list_email",
      label: "No longer contact by e-mail",
      default: false,
    },
    blackListMobile: {
      type: "boolean",
      column: "black_list_mobile",
      label: "No longer contact by mobile",
      default: false,
    },
    blackListPhone: {
      type: "boolean",
      column: "black_list_phone",
      label: "No longer contact by phone",
      default: false,
    },
    blackListFax: { type: "boolean", column: "black_list_fax", label: "No longer contact by fax", default: false },
    blackListPostalMail: {
      type: "boolean",
      column: "black_list_postal_mail",
      label: "No longer contact by post",
      default: false,
    },
    text1: { type: "string", column: "text1", label: "Text 1", length: 1000 },
    text2: { type: "string", column: "text2", label: "Text 2", length: 1000 },
    text3: { type: "string", column: "text3", label: "Text 3", length: 1000 },
    text4: { type: "string", column: "text4", label: "Text 4", length: 1000 },
    text5: { type: "string", column: "text5", label: "Text 5", length: 1000 },
    int1: { type: "long", column: "int1", label: "Number 1" },
    int2: { type: "long", column: "int2", label: "Number 2" },
    int3: { type: "long", column: "int3", label: "Number 3" },
    int4: { type: "long", column: "int4", label: "Number 4" },
    int5: { type: "long", column: "int5", label: "Number 5" },
    ...stamps,
  },
  computedFields: {
    fullName: { type: "string", label: "Full name", expression: "JuxtWords(@firstName, @lastName)" },
    age: { type: "long", label: "Age", expression: "YearsOld(@birthDate)" },
  },
  keys: [{ attributes: ["id"] }],
  links: {
    ...folderLink("recipient"),
    ...stampLinks,
    country: linkToOne("Country", "nms:country", "location/countryCode", { to: "isoA2", reverse: "recipient" }),
    rcpGrpRel: linkToMany("Group memberships", "nms:rcpGrpRel", "recipient-id", {
      reverse: "recipient",
      integrity: "own",
    }),
    subscription: linkToMany("Subscriptions", "nms:subscription", "recipient-id", {
      reverse: "recipient",
      integrity: "own",
    }),
    subHisto: linkToMany("History of subscriptions", "nms:subHisto", "recipient-id", {
      reverse: "recipient",
      integrity: "own",
    }),
    visitor: linkToMany("Web visits", "nms:visitor", "recipient-id", { reverse: "recipient", integrity: "normal" }),
    broadLog: linkToMany("Delivery logs", "nms:broadLogRcp", "recipient-id", {
      reverse: "recipient",
      integrity: "neutral",
    }),
    trackingLog: linkToMany("Tracking logs", "nms:trackingLogRcp", "recipient-id", {
      reverse: "recipient",
      integrity: "neutral",
    }),
  },
  indexes: [
    { name: "nms_recipient_email_key", attributes: ["emailKey"] },
    { name: "nms_recipient_email", attributes: ["email"] },
    { name: "nms_recipient_folder", attributes: ["folder-id"] },
  ],
  computeString: "JuxtWords3(@lastName, @firstName, '(' + @email + ')')",
  folderAttribute: "folder-id",
});
