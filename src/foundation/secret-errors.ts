/** Errors of the key file. */

import { defineError } from "./errors.ts";

export const secretKeyInvalid = defineError<{ file: string }>("SEC-100001", {
  message: ({ file }) =>
    `The key file ${file} does not hold 64 hexadecimal digits. Restore it from a backup: without it, links already sent and stored passwords cannot be read.`,
});

export const secretUnreadable = defineError("SEC-100002", {
  message: () =>
    "A stored password cannot be decrypted: it was encrypted with another conf/secret.key. Restore that file, or set the password again.",
});
