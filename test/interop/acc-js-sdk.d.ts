/** The part of the Classic SDK that the interop tests use; the package brings no types. */
declare module "@adobe/acc-js-sdk" {
  export type Parameters = { readonly brand: "connection parameters" };
  export type Options = {
    readonly representation?: "xml" | "SimpleJson" | "BadgerFish";
    readonly rememberMe?: boolean;
    readonly noMethodInURL?: boolean;
    readonly clientApp?: string;
    readonly refreshClient?: (client: Client) => Promise<Client>;
    readonly timeout?: number;
  };
  export type Method = (...parameters: readonly unknown[]) => Promise<unknown>;
  type EntityMethod =
    | "executeQuery"
    | "selectAll"
    | "buildQuery"
    | "buildQueryEx"
    | "newInstance"
    | "duplicate"
    | "save"
    | "prepare"
    | "prepareAndStart"
    | "execute"
    | "submit"
    | "publishIfNeeded"
    | "getURL";
  /** An object that methods are called on; `entity` is what it is now. */
  export type Entity = Readonly<Record<EntityMethod, Method>> & { readonly entity: unknown };
  export type Service<M extends string = never> = Readonly<Record<M, Method>> & { create(body?: object): Entity };
  type SessionMethod =
    | "getServerTime"
    | "getUserInfo"
    | "testCnx"
    | "getOption"
    | "getNewIdsEx"
    | "encryptPassword"
    | "decryptPassword"
    | "deleteCollection"
    | "getModifiedEntities"
    | "write"
    | "writeCollection"
    | "getEntityIfMoreRecent";
  export type Services = {
    readonly xtkSession: Service<SessionMethod>;
    readonly xtkPersist: Service<"write" | "writeCollection" | "getEntityIfMoreRecent">;
    readonly xtkQueryDef: Service;
    readonly nmsRecipient: Service;
    readonly nmsDelivery: Service<"createFromModel" | "execCommand" | "noSuchMethod">;
    readonly nmsNowhere: Service<"write">;
    readonly xtkWorkflow: Service<"start" | "startWithParameters" | "stop" | "postEvent" | "execute">;
    readonly nmsRtEvent: Service<"pushEvent">;
    readonly nmsSubscription: Service<"subscribe" | "unsubscribe">;
    readonly xtkBuilder: Service<"installPackage" | "evaluateJavaScript">;
    readonly xtkCounter: Service<"increaseValue">;
    readonly xtkFileRes: Service;
    readonly nmsSeedMember: Service<"getAsModel">;
  };
  export type SchemaNode = {
    readonly name: string;
    readonly label: string;
    readonly type: string;
    readonly isLink: boolean;
    readonly isCollection: boolean;
    readonly expr: string;
    readonly children: Iterable<SchemaNode> & Readonly<Record<string, SchemaNode>>;
    readonly keys: Iterable<{
      readonly name: string;
      readonly isInternal: boolean;
      readonly fields: { length: number };
    }>;
    joinNodes(): Promise<readonly { source: SchemaNode; destination: SchemaNode }[] | undefined>;
    linkTarget(): Promise<SchemaNode | undefined>;
    reverseLink(): Promise<SchemaNode | undefined>;
    findNode(path: string): Promise<SchemaNode | undefined>;
    enumeration(): Promise<Enumeration | undefined>;
    computeString(): Promise<string>;
  };
  export type Enumeration = {
    readonly name: string;
    readonly values: Readonly<Record<string, { readonly value: unknown; readonly label: string }>>;
  };
  export type Schema = SchemaNode & {
    readonly id: string;
    readonly md5: string;
    readonly root: SchemaNode;
    readonly enumerations: Readonly<Record<string, Enumeration>>;
  };
  export type JobStatus = {
    readonly status: number;
    readonly logs: readonly { readonly id: number; readonly message: string; readonly errorCode?: string }[];
    readonly properties: { readonly warning: boolean };
  };
  export type Job = {
    readonly iRc: number;
    readonly firstErrorCode: string | undefined;
    execute(): Promise<string>;
    submit(): Promise<string>;
    submitSoapCall(): Promise<string>;
    getStatus(): Promise<JobStatus>;
    getProgress(): number;
    getResult(): Promise<unknown>;
    hasWarning(): Promise<boolean>;
    cancel(): Promise<void>;
    waitJobCancelled(timeoutSec: number): Promise<void>;
  };
  export type Client = {
    jobInterface(call: {
      readonly xtkschema: string;
      readonly object?: object;
      readonly method: string;
      readonly args?: readonly unknown[];
    }): Job;
    logon(): Promise<void>;
    logoff(): Promise<void> | undefined;
    isLogged(): boolean;
    test(): Promise<unknown>;
    ping(): Promise<unknown>;
    hasPackage(name: string): boolean;
    getSessionInfo(): {
      readonly userInfo: Readonly<Record<string, string>>;
      readonly serverInfo: Readonly<Record<string, string>>;
    };
    getOption(name: string, useCache?: boolean): Promise<unknown>;
    setOption(name: string, value: unknown, description?: string): Promise<void>;
    getSchema(id: string, representation?: string): Promise<unknown>;
    getSysEnum(name: string, schema?: string): Promise<unknown>;
    getEntityIfMoreRecent(type: string, name: string, representation?: string): Promise<unknown>;
    clearAllCaches(): Promise<unknown>;
    startRefreshCaches(everyMs?: number): void;
    stopRefreshCaches(): void;
    readonly application: {
      readonly version: string;
      readonly instanceName: string;
      readonly operator: { readonly login: string; hasRight(name: string): boolean };
      getSchema(id: string): Promise<Schema | null>;
    };
    readonly fileUploader: {
      upload(file: File, options?: { readonly action?: "publishIfNeeded" | "none" }): Promise<unknown>;
      download(md5: string, extension: string, options?: { readonly fileName?: string }): Promise<unknown>;
    };
    mcPing(): Promise<unknown>;
    readonly NLWS: Services & { readonly xml: Services; readonly json: Services };
    readonly _sessionToken: string;
    readonly _securityToken: string;
  };
  const sdk: {
    init(parameters: Parameters): Promise<Client>;
    escapeXtk(parts: TemplateStringsArray, ...values: readonly unknown[]): string;
    readonly ConnectionParameters: {
      ofUserAndPassword(endpoint: string, login: string, password: string, options?: Options): Parameters;
      ofSessionToken(endpoint: string, token: string, options?: Options): Parameters;
      ofSecurityToken(endpoint: string, token: string, options?: Options): Parameters;
      ofSessionAndSecurityToken(endpoint: string, session: string, security: string, options?: Options): Parameters;
      ofAnonymousUser(endpoint: string, options?: Options): Parameters;
      ofImsBearerToken(endpoint: string, token: string, options?: Options): Parameters;
    };
    readonly DomUtil: {
      parse(text: string): { readonly documentElement: unknown };
      toXMLString(node: unknown): string;
    };
  };
  export default sdk;
}
