/** The schema documents that clients fetch before their first call of a service. */

import { persistService } from "#schemas/persist-service.ts";
import { sessionService } from "#schemas/session-service.ts";

import { schemaNotFound } from "../../../errors.ts";
import { defineMethod } from "../../define-method.ts";
import { describeService } from "../../describe-service.ts";

const services = [sessionService, persistService];

/**
 * What services offer is public: a client without a session needs it to call what is open to everyone.
 * Answers nothing when the client's copy is the same, or when there is no such entity and it need not exist.
 * @throws sessionInvalid for anything that is not public, schemaNotFound
 */
export const getEntityIfMoreRecent = defineMethod(
  persistService,
  "GetEntityIfMoreRecent",
  async ({ requireSession }, pk, md5, mustExist) => {
    const [kind = "", name = ""] = pk.split("|");
    const service = kind === "xtk:schema" ? services.find((known) => known.name === name) : undefined;
    if (service === undefined) await requireSession();
    if (service === undefined && mustExist) throw schemaNotFound({ schema: pk.slice(0, 200) });
    const schema = service === undefined ? undefined : describeService(service);
    return [schema === undefined || schema.attributes.get("md5") === md5 ? undefined : schema];
  },
);
