/** How many messages a part of a delivery holds. */

const smallest = 8;
/**
 * Classic's ceiling. A larger part would spare little, since a child may take several at once, and would cost more to do again when
 * a child dies.
 */
const largest = 256;
/** Classic takes a thousandth; each part costs a transaction, and a delivery of 5,000 would have 600 of them. */
const automaticParts = 16;

/**
 * The size of the parts.
 * @param batchSize what the delivery asks for; 0 = a sixteenth of its messages, from 8 to 256
 */
export function partSize(toDeliver: number, batchSize: number): number {
  return batchSize > 0 ? batchSize : Math.min(largest, Math.max(smallest, Math.ceil(toDeliver / automaticParts)));
}
