/** Encrypts a secret, as it is stored. */

import { sessionService } from "#schemas/session-service.ts";

import { secretTooLong } from "../../../errors.ts";
import { defineMethod } from "../../define-method.ts";

const longest = 1_024;

/** @throws secretTooLong */
export const encryptPassword = defineMethod(sessionService, "EncryptPassword", async ({ context }, clear) => {
  if (clear.length > longest) throw secretTooLong({ longest });
  return [context.secrets.encrypt(clear)];
});
