import { account } from './en/account.ts';
import { api } from './en/api.ts';
import { approvals } from './en/approvals.ts';
import { branches } from './en/branches.ts';
import { chat } from './en/chat.ts';
import { compose } from './en/compose.ts';
import { connection } from './en/connection.ts';
import { faults } from './en/faults.ts';
import { files } from './en/files.ts';
import { history } from './en/history.ts';
import { limits } from './en/limits.ts';
import { markdown } from './en/markdown.ts';
import { offline } from './en/offline.ts';
import { palette } from './en/palette.ts';
import { share } from './en/share.ts';
import { shell } from './en/shell.ts';
import { thread } from './en/thread.ts';
import { trust } from './en/trust.ts';
import { view } from './en/view.ts';

/** Every word of the page in English, by area. The shape that other languages must fill. */
export const english = {
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
