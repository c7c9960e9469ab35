/** Errors of the audience. */

import { defineError } from "#foundation/errors.ts";

export const invalidAddress = defineError<{ reason: string }>("AUD-100001", {
  message: ({ reason }) => `The e-mail address cannot be used. ${reason}`,
});
