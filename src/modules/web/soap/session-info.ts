/** What a client learns at logon about the server and its operator. */

import { createHmac } from "node:crypto";

import type { Operator } from "#campaign/access/operator.ts";
import { authenticationSettings, instanceSettings } from "#foundation/common-settings.ts";
import type { Context } from "#foundation/module.ts";
import { version } from "#foundation/version.ts";
import { anElement, type XmlElement } from "#protocols/soap/xml-element.ts";

/** The version of Classic whose interface is spoken: clients choose their calls by it. */
const spoken = { majNumber: 7, minNumber: 4, servicePack: 1, minNumberTechnical: 0, buildNumber: 9356 };

const packages = ["core", "campaign"];

type Informed = Pick<Context, "instance" | "settings" | "secrets" | "clock">;

/** `sessionInfo`: the server first, then the operator. */
export function sessionInfo(context: Informed, operator: Operator): XmlElement {
  const { sessionTimeOutSec, securityTimeOutSec } = context.settings.of(authenticationSettings);
  const server = anElement("serverInfo", {
    advisedClientBuildNumber: 0,
    allowSQL: false,
    ...spoken,
    databaseId: databaseId(context),
    defaultNameSpace: "cus",
    fohVersion: 2,
    instanceName: context.instance,
    minClientBuildNumber: 0,
    releaseName: `Postrider ${version}`,
    securityTimeOut: securityTimeOutSec,
    serverDate: context.clock.now().toISOString().replace("T", " "),
    sessionTimeOut: sessionTimeOutSec,
    useVault: false,
  });
  return anElement("sessionInfo", {}, server, userInfo(context, operator));
}

/** `userInfo`: rights, and last and together the packages, as clients read all that follows the first as packages. */
export function userInfo(context: Informed, operator: Operator): XmlElement {
  const { lang, timezone } = context.settings.of(instanceSettings);
  return anElement(
    "userInfo",
    {
      datakitInDatabase: true,
      homeDir: "",
      instanceLocale: lang,
      locale: operator.locale || lang,
      login: operator.login,
      loginCS: `${operator.label} (${operator.login})`,
      loginId: operator.operatorId,
      noConsoleCnx: operator.noConsoleCnx,
      orgUnitId: 0,
      theme: "",
      timezone: operator.timezone || timezone,
    },
    ...operator.groupIds.map((id) => anElement("login-group", { id })),
    ...operator.rights.map((right) => anElement("login-right", { right })),
    ...packages.map((name) => anElement("installed-package", { name, namespace: "nms" })),
  );
}

/** The same on every host of an instance, and another for another one. */
function databaseId({ secrets, instance }: Informed): string {
  return `u${createHmac("sha256", secrets.deriveKey("session", instance)).update("databaseId").digest("hex").slice(0, 32).toUpperCase()}`;
}
