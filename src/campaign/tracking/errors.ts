/** Errors of the consolidation of hits. */

import { defineError } from "#foundation/errors.ts";

export const trackingCursorMoved = defineError<{ file: string; offset: number }>("TRK-100001", {
  message: ({ file, offset }) =>
    `The hits of ${file} from byte ${offset} on were stored by another process meanwhile; nothing was stored twice.`,
  mayRetry: true,
});
