/** Hands out keys for entities that the client will write. */

import { reserveIds } from "#datamodel/write/reserve-ids.ts";
import { sessionService } from "#schemas/session-service.ts";

import { idCountRefused } from "../../../errors.ts";
import { defineMethod } from "../../define-method.ts";

const most = 100_000;

/** @throws idCountRefused */
export const getNewIdsEx = defineMethod(sessionService, "GetNewIdsEx", async (call, count, sequence) => {
  if (count < 1 || count > most) throw idCountRefused({ most });
  const { db, schemas } = await call.dataContext();
  const ids = await reserveIds(db, schemas, sequence, count);
  return [ids.join(",")];
});
