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
    {
      name: "BearerTokenLogon",
      label: "Opens a session with a token in place of a password",
      isStatic: true,
      access: "anonymous",
      notYet: "Send an API token with each call instead (Authorization: Bearer), or log on with Logon.",
      parameters: [
        { name: "bearerToken", type: "string", direction: "in" },
        { name: "sessionToken", type: "string", direction: "out" },
        { name: "sessionInfo", type: "DOMElement", structure: "sessionInfo", direction: "out" },
        { name: "securityToken", type: "string", direction: "out" },
      ],
    },
    {
      name: "GetOption",
      label: "The value of an option, and its type",
      isStatic: true,
      access: "session",
      parameters: [
        { name: "name", type: "string", direction: "in" },
        { name: "value", type: "string", direction: "out" },
        { name: "type", type: "byte", direction: "out", description: "0 when there is no such option" },
      ],
    },
    {
      name: "GetNewIdsEx",
      label: "Keys for entities that the client will write",
      isStatic: true,
      access: "session",
      parameters: [
        { name: "count", type: "long", direction: "in" },
        { name: "sequence", type: "string", direction: "in", description: "Such as XtkNewId or NmsRecipientId" },
        { name: "ids", type: "string", direction: "out", description: "Separated by commas" },
      ],
    },
    {
      name: "EncryptPassword",
      label: "Encrypts a secret that is to be stored",
      isStatic: true,
      access: "session",
      parameters: [
        { name: "clear", type: "string", direction: "in" },
        { name: "encrypted", type: "string", direction: "out" },
      ],
    },
    {
      name: "DecryptPassword",
      label: "Shows a stored secret",
      isStatic: true,
      access: "admin",
      notYet: "Stored secrets are shown to nobody; enter a new one instead.",
      parameters: [
        { name: "encrypted", type: "string", direction: "in" },
        { name: "clear", type: "string", direction: "out" },
      ],
    },
    {
      name: "DeleteCollection",
      label: "Deletes every entity that meets conditions",
      isStatic: true,
      access: "session",
      parameters: [
        { name: "schema", type: "string", direction: "in" },
        { name: "where", type: "DOMElement", direction: "in" },
        { name: "ignoreDeleteStatus", type: "boolean", direction: "in" },
      ],
    },
  ],
});
