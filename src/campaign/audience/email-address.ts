/** The type of an address that has been checked, and everything that can be wrong with one. */

/** `local@domain`: one plain mailbox, domain in lower-case ASCII (A-labels); safe to put into an SMTP command or a header. */
export type EmailAddress = string & { readonly brand: "EmailAddress" };

/** Each fault of an address, with the sentence that tells it to an operator. */
export const addressFaults = {
  address_missing: "There is no e-mail address.",
  address_with_spaces: "The address holds spaces, line ends or invisible characters.",
  address_not_single: "This is not one plain address: it holds quotes, brackets or separators.",
  address_without_at: "The address has no @.",
  address_with_several_at: "The address has more than one @.",
  address_too_long: "The address is longer than mail allows (64 bytes before the @, 254 in all).",
  address_local_part_invalid: "What stands before the @ cannot be part of an address.",
  address_domain_incomplete: "The domain is not complete: it has no dot.",
  address_domain_invalid: "What stands behind the @ cannot be a domain name.",
} as const;

export type AddressFault = keyof typeof addressFaults;
