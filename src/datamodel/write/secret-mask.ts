/** What clients see in place of a secret that is set, and may send back to leave it as it is. */
export const secretMask = "********";
