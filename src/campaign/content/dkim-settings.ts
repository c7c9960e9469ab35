/** Settings of the signature of messages. */

import { declareSettings, integer, secret, text } from "#foundation/settings.ts";

export const dkimSettings = declareSettings("dkim", {
  domain: text({
    default: "",
    pattern: /^([a-z0-9-]+(\.[a-z0-9-]+)+)?$/,
    accepts: "a domain name",
    description:
      "Domain that signs messages whose sender has no key of its own (postrider dkim); its DNS publishes the key. Empty = they leave unsigned.",
  }),
  selector: text({
    default: "postrider",
    pattern: /^[a-z0-9-]+(\.[a-z0-9-]+)*$/i,
    accepts: "letters, digits, dashes and dots",
    description: "Name of the key: its record stands at <selector>._domainkey.<domain>.",
  }),
  privateKeyFile: text({
    default: "",
    description: "File with the private key in PEM form (RSA or Ed25519), seen from the folder of the settings.",
  }),
  privateKey: secret({ default: "", description: "The private key itself, in PEM form, instead of a file." }),
});

export const dkimReloadSettings = declareSettings("mta.master", {
  domainKeysReloadPeriodSec: integer({
    default: 600,
    min: 1,
    max: 86_400,
    description: "How long keys and rules of signing domains are kept before they are read again, in seconds.",
  }),
});
