/** Settings of what messages carry beside their content. */

import { choice, declareSettings, integer, text } from "#foundation/settings.ts";

export const mailSettings = declareSettings("mta", {
  xMailer: text({
    default: "Postrider $(PRODUCT_VERSION)",
    description: "X-Mailer header of messages; $(PRODUCT_VERSION) is the version. Empty = none.",
  }),
  precedence: choice({
    words: ["bulk", "list", "none"],
    default: "bulk",
    description:
      "Precedence header of messages: bulk and list keep out-of-office replies away; none = no such header. A delivery's own header replaces it.",
  }),
  maxAttachments: integer({
    default: 5,
    min: 0,
    max: 50,
    description: "Most files that a delivery may attach. More than one is told as a warning in any case.",
  }),
  maxAttachmentsKb: integer({
    default: 5_120,
    min: 1,
    max: 51_200,
    description: "Most kilobytes of a delivery's attachments and embedded images together.",
  }),
  maxImageKb: integer({
    default: 100,
    min: 1,
    max: 10_240,
    description: "Largest image that is embedded, in kilobytes; a larger one stays a link.",
  }),
});
