/** `GET /api/v1/session`: who the caller is; a browser learns here the token that goes with changes. */

import { makeSecurityToken } from "#campaign/access/tokens.ts";

import type { Handlers } from "./entities/entity-handlers.ts";
import { refuseParameters } from "./entities/refuse-parameters.ts";
import type { RestAnswer, RestCall } from "./rest-call.ts";

export const sessionHandlers: Handlers = {
  GET: async (call) => {
    refuseParameters(call.query, []);
    return describeSession(call);
  },
};

function describeSession({ identity, context }: RestCall): RestAnswer {
  const { operator, token } = identity.caller;
  const { scopes } = identity;
  const securityToken = token === undefined ? undefined : makeSecurityToken(context, token, context.clock.now());
  return {
    status: 200,
    body: {
      login: operator.login,
      label: operator.label,
      rights: operator.rights,
      scopes: scopes === "all" ? ["*"] : [...scopes],
      ...(securityToken === undefined ? {} : { securityToken }),
    },
  };
}
