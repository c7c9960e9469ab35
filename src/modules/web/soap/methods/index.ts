/** Every SOAP method that is offered: one line each. */

import type { SoapMethod } from "../define-method.ts";
import { getEntityIfMoreRecent } from "./xtk-persist/get-entity-if-more-recent.ts";
import { getServerTime } from "./xtk-session/get-server-time.ts";
import { getUserInfo } from "./xtk-session/get-user-info.ts";
import { logoff } from "./xtk-session/logoff.ts";
import { logon } from "./xtk-session/logon.ts";
import { testCnx } from "./xtk-session/test-cnx.ts";

export const soapMethods: readonly SoapMethod[] = [
  logon,
  logoff,
  getServerTime,
  testCnx,
  getUserInfo,
  getEntityIfMoreRecent,
];
