/** The operator of the session, as Logon describes him. */

import { sessionService } from "#schemas/session-service.ts";

import { defineMethod } from "../../define-method.ts";
import { userInfo } from "../../session-info.ts";

export const getUserInfo = defineMethod(sessionService, "GetUserInfo", async ({ context, requireCaller }) => [
  userInfo(context, (await requireCaller()).operator),
]);
