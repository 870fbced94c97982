import { activity, endings } from './sections/activity.tsx';
import { operators } from './sections/ops.tsx';
import { composer, connection, empty, meters, notices } from './sections/page.tsx';
import { palette } from './sections/palette.tsx';
import { account, files, sidebar } from './sections/panels.tsx';
import { markdown, messages, notes, thoughts } from './sections/reading.tsx';
import { trust } from './sections/trust.tsx';
import { asks, lanes, todos, tools } from './sections/working.tsx';

/** The gallery, in the order of the page. A new section is written in `sections/` and named here. */
export const sections = [
  empty,
  messages,
  markdown,
  thoughts,
  tools,
  lanes,
  todos,
  asks,
  activity,
  endings,
  notes,
  composer,
  notices,
  meters,
  connection,
  sidebar,
  account,
  files,
  trust,
  palette,
  operators,
];
