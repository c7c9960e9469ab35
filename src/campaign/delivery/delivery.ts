/** A delivery as it is stored. */

import type { DeliveryState } from "#schemas/codes.ts";

export type Delivery = {
  readonly deliveryId: number;
  readonly internalName: string;
  readonly label: string;
  readonly state: DeliveryState;
  readonly isStartRequested: boolean;
  readonly priority: number;
  /** 0 = the default one. */
  readonly typologyId: number;
  /** The campaign that it belongs to; 0 = none. */
  readonly operationId: number;
  /** As its author wishes; empty = as its typology says. */
  readonly affinity: string;
  /** What it was prepared with. */
  readonly preparedAffinity: string;
  readonly isProof: boolean;
  /** As stored: read it with `parseDeliverySettings`. */
  readonly data: unknown;
  readonly subject: string;
  readonly fromAddress: string;
  readonly fromName: string;
  readonly replyToAddress: string;
  readonly htmlSource: string | undefined;
  readonly textSource: string | undefined;
  /** As stored: read it with `parseTarget`. */
  readonly target: unknown;
  /** Messages of a part; 0 = chosen by the size of the delivery. */
  readonly batchSize: number;
  readonly contactDate: Date | undefined;
  readonly validityDate: Date | undefined;
  /** `YYYY-MM-DD`; undefined until the first preparation. */
  readonly logDate: string | undefined;
  /** Who described it last: the target is resolved with his rights; 0 = the server itself. */
  readonly modifiedBy: number;
};
