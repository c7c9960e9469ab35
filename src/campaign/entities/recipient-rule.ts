/** Writing `nms:recipient`: an address that may be mailed, and the key that lists are reconciled on. */

import { addressFaults, type EmailAddress } from "#campaign/audience/email-address.ts";
import { emailKey } from "#campaign/audience/email-key.ts";
import { readEmailAddress } from "#campaign/audience/parse-email-address.ts";
import { invalidValue } from "#datamodel/write/errors.ts";
import { type FieldValue, plainText } from "#datamodel/write/field-value.ts";
import type { WriteRule } from "#datamodel/write/write-context.ts";

export const recipientRule: WriteRule = {
  readers: { email: readAddress },
  complete: (rows) => {
    for (const row of rows) {
      const email = row.value("email");
      if (row.isChanged("email") || row.isNew)
        row.set("emailKey", typeof email === "string" && email !== "" ? emailKey(email as EmailAddress) : null);
    }
  },
};

/** As the import reads it: a row is found whichever way its domain is written. */
function readAddress(value: FieldValue): FieldValue {
  const reading = readEmailAddress(plainText(value));
  if (reading.kind === "address") return reading.address;
  const problem = addressFaults[reading.fault].replace(/\.$/, "");
  throw invalidValue({ schema: "nms:recipient", field: "email", problem });
}
