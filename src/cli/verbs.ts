/** Every verb of the command, one line each; a module's name runs that module in the foreground. */

import { roster } from "#modules/roster.ts";

import type { Verb } from "./verb.ts";

const moduleVerbs: readonly Verb[] = roster.map((entry) => ({
  name: entry.name,
  does: entry.does,
  usage: [
    `postrider ${entry.name}${entry.scope === "instance" ? " -instance:NAME" : ""} [-verbose] [-tracefilter:TYPES] [-tracefile:NAME] [-noconsole]`,
    ...(entry.usage ?? []),
  ],
  isHidden: typeof entry.kind === "object",
  load: async () => {
    const { runModule } = await import("./run-module.ts");
    return (call) => runModule(entry, call);
  },
}));

export const verbs: readonly Verb[] = [
  ...moduleVerbs,
  {
    name: "start",
    does: "starts a module that is stopped",
    usage: [
      "postrider start MODULE@INSTANCE [-verbose] [-tracefilter:TYPES] [-tracefile:NAME] [-noconsole]",
      "The instance may be left out; * stands for any text: *@main",
    ],
    load: async () => (await import("./start.ts")).start,
  },
  {
    name: "stop",
    does: "stops a module and keeps it down",
    usage: [
      "postrider stop MODULE@INSTANCE [-immediate] [-noconsole]",
      "-immediate kills it instead of letting it finish what it does",
    ],
    load: async () => (await import("./stop.ts")).stop,
  },
  {
    name: "restart",
    does: "stops a module and starts it again",
    usage: [
      "postrider restart MODULE@INSTANCE [-immediate] [-verbose] [-tracefilter:TYPES] [-tracefile:NAME] [-noconsole]",
      "Raise the precision of its log: postrider restart mta@main -verbose -tracefilter:smtp,dns",
    ],
    load: async () => (await import("./restart.ts")).restart,
  },
  {
    name: "shutdown",
    does: "stops the whole platform",
    usage: ["postrider shutdown [-noconsole]"],
    load: async () => (await import("./shutdown.ts")).shutdown,
  },
  {
    name: "pdump",
    does: "lists the running processes",
    usage: [
      "postrider pdump [-who] [-noconsole]",
      "-who also lists the operators' sessions and the database connections",
    ],
    load: async () => (await import("./pdump.ts")).pdump,
  },
  {
    name: "monitor",
    does: "prints the state of the platform as XML",
    usage: [
      "postrider monitor [-missing] [-noconsole]",
      "-missing lists the modules that should run and do not; exit code 1 when there are any",
    ],
    load: async () => (await import("./monitor.ts")).monitor,
  },
  {
    name: "status",
    does: "says what runs and what is missing",
    usage: ["postrider status [-noconsole]", "Exit code 0: all modules run, 1: some are missing, 2: none runs"],
    load: async () => (await import("./status.ts")).status,
  },
  {
    name: "doctor",
    does: "says what is wrong, why, and what to do",
    usage: [
      "postrider doctor [-instance:NAME] [-json] [-lang:en|fr|nl|pt-BR|sv|zh-CN] [-skip:CHECK,CHECK] [-noconsole]",
      "Looks at everything within ten seconds and changes nothing; the language is otherwise that of LANG, or of instance.lang",
      "Exit code 0: nothing is wrong, 1: warnings, 2: errors",
    ],
    load: async () => (await import("./doctor.ts")).doctor,
  },
  {
    name: "config",
    does: "reads and writes settings, instances and databases",
    usage: [
      "postrider config [-instance:NAME]                      lists the settings that differ from their defaults",
      "postrider config [-instance:NAME] web.port             shows one setting and what it means",
      "postrider config [-instance:NAME] web.port=8081        writes one; -set:web.port=8081 does the same",
      "postrider config -reload                               has the running modules take changed settings",
      "postrider config -addinstance:NAME/MASKS[/LANG]        makes a new instance, for the host names of MASKS",
      "postrider config [-instance:NAME] -setdblogin:[PostgreSQL:]account[:database][/password]@server[:port]",
      "postrider config [-instance:NAME] -updatedb            brings the databases to this version and to the operators' schemas",
      "postrider config [-instance:NAME] -updatedb -plan      shows what would be changed for the operators' schemas",
      "postrider config [-instance:NAME] -updatedb -drop      also drops what schemas that are gone had made",
      "postrider config -internalpassword:[OLD/NEW]           sets the password of internal; without a value it asks",
      "postrider config [-instance:NAME] -operatorpassword:LOGIN[/NEW]   gives an operator a new password; without NEW it asks",
    ],
    load: async () => (await import("./config.ts")).config,
  },
  {
    name: "operator",
    does: "makes operators, and says what they may do",
    usage: [
      "postrider operator [-instance:NAME] -list              lists operators, rights, groups and sessions",
      "postrider operator -create:LOGIN [-label:TEXT] [-rights:NAME,NAME] [-groups:NAME,NAME] [-zone:NAME] [-folder:ID]   prints the password once",
      "postrider operator -grant:LOGIN | -revoke:LOGIN  -rights:NAME,NAME  -groups:NAME,NAME",
      "postrider operator -restrict:LOGIN [-zone:NAME] [-folder:ID]   from where he logs on, and where in the tree he works (0 = everywhere)",
      "postrider operator -password:LOGIN[/NEW]               gives a new password; without NEW it asks",
      "postrider operator -disable:LOGIN | -enable:LOGIN | -endsessions:LOGIN",
      "postrider operator -audit:LOGIN                        shows what happened to the account",
    ],
    load: async () => (await import("./operator.ts")).operator,
  },
  {
    name: "token",
    does: "makes and ends tokens for programs",
    usage: [
      "postrider token [-instance:NAME] -list                 lists tokens with their scopes and last use",
      "postrider token -create:LOGIN [-label:TEXT] [-scopes:recipients:read,deliveries] [-expires:90d|2027-06-30]   prints the token once",
      "postrider token -revoke:ID                             ends a token at once",
    ],
    load: async () => (await import("./token.ts")).token,
  },
  {
    name: "dkim",
    does: "makes, checks and changes the keys that sign messages",
    usage: [
      "postrider dkim [-instance:NAME] -list                  lists the keys, and what to publish in the DNS",
      "postrider dkim -create:DOMAIN [-algorithm:rsa|ed25519|both] [-selector:NAME]   makes a key that signs nothing yet",
      "postrider dkim -check[:DOMAIN] [-nameserver:IP[:PORT]] says whether receivers can find the keys",
      "postrider dkim -rotate:DOMAIN [-from:DATE] [-force]    lets the new key sign, now or from a date, once it is published",
      "postrider dkim -retire:DOMAIN/SELECTOR                 ends a key; -delete:DOMAIN/SELECTOR forgets it",
    ],
    load: async () => (await import("./dkim.ts")).dkim,
  },
  {
    name: "uninstall",
    does: "removes an instance and all its data",
    usage: [
      "postrider uninstall -instance:NAME [-force]",
      "Asks for confirmation unless -force is given. The last instance takes everything with it.",
    ],
    load: async () => (await import("./uninstall.ts")).uninstall,
  },
  {
    name: "workflow",
    does: "lists workflows, and starts, pauses or stops them",
    usage: [
      "postrider workflow [-instance:NAME] -list              lists the workflows and what they are doing",
      "postrider workflow -start:NAME | -pause:NAME | -stop:NAME | -restart:NAME   orders it; wfserver applies it",
      "postrider workflow -wakeup:NAME                        executes its waiting tasks now",
      "postrider workflow -kill:NAME                          stops it without waiting for what it does",
      "postrider workflow -journal:NAME                       prints the journal",
      "postrider workflow -create:NAME -file:PATH             stores a new one from a JSON file",
    ],
    load: async () => (await import("./workflow.ts")).workflow,
  },
  {
    name: "demo",
    does: "shows the main job on sample data, and leaves the platform running",
    usage: [
      "postrider demo [--csv FILE] [--exit] [--json]",
      "--csv takes another list, --exit ends after the table, --json prints the table as one JSON line",
    ],
    load: async () => (await import("./demo.ts")).demo,
  },
];
