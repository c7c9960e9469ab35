/** The rights of an operator whose work runs without him: deliveries that he described, workflows that he drew. */

import { server, type Viewer } from "#datamodel/viewer.ts";
import type { Statements } from "#foundation/database.ts";

import { authorGone } from "./errors.ts";
import { findCredentialsById } from "./operator-store.ts";
import { viewerOf } from "./viewer-of.ts";

/**
 * What an operator may do, as it stands at this moment. A disabled one keeps his rights here: his campaigns go on.
 * @param operatorId 0 = the server itself, which may do everything
 * @param timezone of an operator who has none of his own
 * @throws authorGone when there is no such operator any more
 */
export async function findViewer(db: Statements, operatorId: number, timezone: string): Promise<Viewer> {
  if (operatorId === server.operatorId) return { ...server, timezone };
  const credentials = await findCredentialsById(db, operatorId);
  if (credentials === undefined) throw authorGone({ operatorId });
  return { ...viewerOf(credentials.operator, timezone), timezone };
}
