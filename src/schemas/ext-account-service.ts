/** `nms:extAccount`: accounts at other servers. */

import { defineService } from "./service.ts";

export const extAccountService = defineService({
  name: "nms:extAccount",
  label: "External accounts",
  structures: {},
  methods: [
    {
      name: "TestAccount",
      label: "Tries a connection",
      isStatic: true,
      access: "admin",
      parameters: [
        { name: "type", type: "byte", direction: "in" },
        { name: "active", type: "boolean", direction: "in" },
        { name: "server", type: "string", direction: "inout" },
        { name: "account", type: "string", direction: "in" },
        { name: "password", type: "string", direction: "in" },
        { name: "port", type: "string", direction: "in" },
        { name: "options", type: "string", direction: "in" },
        { name: "name", type: "string", direction: "in" },
        { name: "oauth", type: "boolean", direction: "in" },
        { name: "azureTenant", type: "string", direction: "in" },
        { name: "clientId", type: "string", direction: "in" },
        { name: "clientSecret", type: "string", direction: "in" },
        { name: "redirectUrl", type: "string", direction: "in" },
        { name: "dbmsVer", type: "string", direction: "out" },
        { name: "warehouse", type: "string", direction: "out" },
        { name: "testDuration", type: "string", direction: "out" },
      ],
      notYet: "The module that uses an account says in its log whether it can connect: inMail for mailboxes.",
    },
  ],
});
