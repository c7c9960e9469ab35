/** Which names a log file may have: they come from command lines and datagrams, and must stay within the log folder. */

/**
 * True for a name that may stand before `.log`. Never ends in `_2`, which marks the former file of a rotation.
 */
export function isLogFileName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$/.test(name) && !name.endsWith("_2");
}
