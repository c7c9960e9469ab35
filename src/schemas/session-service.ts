/** `xtk:session`: logging on and off, and what a client asks about its session. */

import { defineService } from "./service.ts";

export const sessionService = defineService({
  name: "xtk:session",
  label: "Session",
  structures: { sessionInfo: "Server and operator", userInfo: "Operator of the session" },
  methods: [
    {
      name: "Logon",
      label: "Opens a session",
      isStatic: true,
      access: "anonymous",
      parameters: [
        { name: "login", type: "string", direction: "in" },
        { name: "password", type: "string", direction: "in" },
        {
          name: "parameters",
          type: "DOMElement",
          direction: "in",
          description: 'rememberMe="true" asks for a long session',
        },
        { name: "sessionToken", type: "string", direction: "out" },
        { name: "sessionInfo", type: "DOMElement", structure: "sessionInfo", direction: "out" },
        { name: "securityToken", type: "string", direction: "out" },
      ],
    },
    { name: "Logoff", label: "Ends the session", isStatic: true, access: "session", parameters: [] },
    {
      name: "GetServerTime",
      label: "The server's time",
      isStatic: true,
      access: "anonymous",
      parameters: [{ name: "serverTime", type: "datetime", direction: "out" }],
    },
    {
      name: "TestCnx",
      label: "Checks that the session and the database are there",
      isStatic: true,
      access: "session",
      parameters: [],
    },
    {
      name: "GetUserInfo",
      label: "The operator of the session",
      isStatic: true,
      access: "session",
      parameters: [{ name: "userInfo", type: "DOMElement", structure: "userInfo", direction: "out" }],
    },
  ],
});
