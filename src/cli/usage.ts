/** A command line that cannot be read: exit code 2. */
export class UsageError extends Error {}

export const USAGE = `Greenroom: talk to Claude Code from a browser.

  greenroom serve                              serve the chat; settings come from the environment
  greenroom login                              print a fresh sign-in link of the running server
  greenroom session --user NAME [--ttl 12h]    print a sign-in cookie, ready to stand after "Cookie: "
  greenroom doctor [--json]                    check this machine and these settings: 1 when a check fails
  greenroom smoke URL [--insecure] [--cookie-file FILE] [--json]
                                               check a live edge from outside; with a sign-in, also that an answer streams
  greenroom backup FILE                        copy the store into a new file, while serving
  greenroom usage [--from DAY] [--to DAY] [--user NAME] [--csv]
                                               print what was used by whom on which days; DAY as 2026-11-25
  greenroom inspect [ACTOR] [--once] [--json]  show the living actors of the running server, or what one of them takes
  greenroom replay FILE                        go through a capsule again: 1 when it ends otherwise than it did
  greenroom user remove NAME [--yes]           end every sign-in of a user, and delete all that is kept of theirs
  greenroom import [DIR]                       import the histories of the server that Greenroom replaces
  greenroom --version | --help

Settings are listed in .env.example. Exit codes: 0 done, 1 failed, 2 bad usage or configuration, 70 bug.
`;
