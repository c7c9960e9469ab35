/** Keys that sign the mail of a domain with DKIM. They are made, published and changed by `postrider dkim`. */

import { dkimKeyStates } from "./codes.ts";
import { enumerate } from "./enumeration.ts";
import { stampLinks, stamps } from "./fragments.ts";
import { defineSchema } from "./schema.ts";

export const dkimKey = defineSchema({
  namespace: "nms",
  name: "dkimKey",
  label: "DKIM keys",
  labelSingular: "DKIM key",
  table: "nms_dkim_key",
  attributes: {
    id: { type: "int64", column: "dkim_key_id", label: "Primary key", sequenceCache: 1 },
    domain: { type: "string", column: "domain", label: "Domain", required: true, length: 255 },
    selector: { type: "string", column: "selector", label: "Selector", required: true, length: 63 },
    algorithm: {
      type: "string",
      column: "algorithm",
      label: "Algorithm",
      description: "rsa or ed25519; a domain may sign with one of each at once.",
      required: true,
      length: 20,
    },
    state: {
      type: "byte",
      column: "state",
      label: "State",
      description: "The next key signs from its date on; a retired one stays published for what is still under way.",
      default: 0,
      enumeration: enumerate("dkimKeyState", dkimKeyStates),
    },
    validFrom: { type: "datetime", column: "valid_from", label: "Signs from" },
    retired: { type: "datetime", column: "retired", label: "Retired" },
    privateKey: {
      type: "memo",
      column: "private_key",
      label: "Private key",
      description: "In PEM form, encrypted with the installation's key file.",
      required: true,
      isInternal: true,
    },
    publicKey: {
      type: "memo",
      column: "public_key",
      label: "Public key",
      description: "As it is published in the DNS, in base64.",
      required: true,
    },
    ...stamps,
  },
  keys: [{ attributes: ["id"] }, { attributes: ["domain", "selector"] }],
  links: { ...stampLinks },
  computeString: "@domain",
  access: { read: "admin", write: "server" },
  isAudited: true,
  restName: "dkim-keys",
});
