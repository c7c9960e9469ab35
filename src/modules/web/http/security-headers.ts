/** Headers that every answer carries, so that a browser does no more with it than it is meant to. */

import type { OutgoingHttpHeaders } from "node:http";

/** What a page of ours may do: no inline script or style, nothing from elsewhere, in no frame. */
const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/**
 * What the frame with a mail may do: show itself. No script, no remote picture (it would count as an open), an origin of
 * its own; a link opens in a new window.
 */
export const mailFramePolicy =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

/** @param isSecure true when the client came by TLS */
export function securityHeaders(isSecure: boolean): OutgoingHttpHeaders {
  return {
    "content-security-policy": pagePolicy,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "cache-control": "no-store",
    ...(isSecure ? { "strict-transport-security": "max-age=31536000" } : {}),
  };
}
