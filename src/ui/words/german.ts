import { account } from './de/account.ts';
import { api } from './de/api.ts';
import { approvals } from './de/approvals.ts';
import { branches } from './de/branches.ts';
import { chat } from './de/chat.ts';
import { compose } from './de/compose.ts';
import { connection } from './de/connection.ts';
import { faults } from './de/faults.ts';
import { files } from './de/files.ts';
import { history } from './de/history.ts';
import { limits } from './de/limits.ts';
import { markdown } from './de/markdown.ts';
import { offline } from './de/offline.ts';
import { palette } from './de/palette.ts';
import { share } from './de/share.ts';
import { shell } from './de/shell.ts';
import { thread } from './de/thread.ts';
import { trust } from './de/trust.ts';
import { view } from './de/view.ts';
import type { Words } from './words.ts';

/** Every word of the page in German; the compiler tells of one that is missing. */
export const german: Words = {
  account,
  api,
  approvals,
  branches,
  chat,
  compose,
  connection,
  faults,
  files,
  history,
  limits,
  markdown,
  palette,
  offline,
  share,
  thread,
  shell,
  trust,
  view,
};
