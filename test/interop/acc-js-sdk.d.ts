/** The part of the Classic SDK that the interop tests use; the package brings no types. */
declare module "@adobe/acc-js-sdk" {
  type Parameters = { readonly brand: "connection parameters" };
  type Method = (...parameters: readonly unknown[]) => Promise<unknown>;
  type Client = {
    logon(): Promise<void>;
    logoff(): Promise<void>;
    getSessionInfo(): { readonly userInfo: { readonly login: string } };
    readonly NLWS: { readonly xtkSession: Readonly<Record<"getServerTime" | "getUserInfo" | "testCnx", Method>> };
  };
  const sdk: {
    init(parameters: Parameters): Promise<Client>;
    readonly ConnectionParameters: {
      ofUserAndPassword(endpoint: string, login: string, password: string, options: object): Parameters;
      ofSecurityToken(endpoint: string, token: string, options: object): Parameters;
    };
  };
  export default sdk;
}
