/** The embedded store, synchronous: what the worker thread runs. One instance owns its file. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { Days } from '../days.ts';
import { rising } from '../rising.ts';
import { ChargeTable } from './charge-table.ts';
import { ChoiceTable } from './choice-table.ts';
import { ConversationList } from './conversation-list.ts';
import { Conversations } from './conversations.ts';
import { ForkTable } from './fork-table.ts';
import { JournalTables } from './journal-tables.ts';
import { MessageTable } from './message-table.ts';
import { PromptTable } from './prompt-table.ts';
import { ResultTable } from './result-table.ts';
import { RunTable } from './run-table.ts';
import { markCopy, migrate, renewTerms } from './schema.ts';
import { ShareTable } from './share-table.ts';
import { SignInTable } from './sign-in-table.ts';
import { Sql } from './sql.ts';
import { Sweeper } from './sweeper.ts';
import { UploadTable } from './upload-table.ts';
import { UsageTable } from './usage-table.ts';

/** What can be asked of the database; each is one call of the store's interface. */
export type Operations = ReturnType<typeof openDatabase>;

/**
 * @param timeZone IANA name: where days begin that limits count by.
 * @throws When another process holds the file, or a newer version wrote it.
 */
export function openDatabase(file: string, now: () => number, timeZone = 'UTC') {
  const db = new DatabaseSync(file);
  // Exclusive: a second server on this file fails here, and no memory is shared through the file system.
  // What is deleted is overwritten where that costs no further write.
  db.exec(
    `PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
     PRAGMA secure_delete = FAST`,
  );
  migrate(db);
  renewTerms(db, now());
  const sql = new Sql(db);
  const conversations = new Conversations(sql, now);
  const runs = new RunTable(sql, now);
  const uploads = new UploadTable(sql, now);
  const results = new ResultTable(sql, conversations);
  const days = new Days(timeZone);
  const charges = new ChargeTable(sql, days);
  const usage = new UsageTable(sql, days, now);
  const used = rising(now);
  const journal = new JournalTables({ sql, conversations, runs, results, charges, now: used });
  const prompts = new PromptTable({ sql, conversations, runs, uploads, charges, now: used });
  const messages = new MessageTable(sql, conversations, journal, runs);
  const list = new ConversationList(sql);
  const choices = new ChoiceTable(sql, conversations);
  const signIns = new SignInTable(sql, now);
  const shares = new ShareTable(sql);
  const forks = new ForkTable({ sql, conversations, messages, uploads, results, now: used });
  const sweeper = new Sweeper({
    ...{ sql, conversations, journal, messages, results, forks, runs, uploads, signIns },
    ...{ charges, usage },
  });
  journal.endCutOffTurns();
  charges.giveBackUnaccepted();
  return {
    head: journal.head.bind(journal),
    acquire: journal.acquire.bind(journal),
    commit: journal.commit.bind(journal),
    read: journal.read.bind(journal),
    accept: prompts.accept.bind(prompts),
    withdraw: prompts.withdraw.bind(prompts),
    unpark: prompts.unpark.bind(prompts),
    run: runs.run.bind(runs),
    waiting: runs.waiting.bind(runs),
    putUpload: uploads.put.bind(uploads),
    upload: uploads.get.bind(uploads),
    foldOne: messages.foldOne.bind(messages),
    messages: messages.messages.bind(messages),
    result: results.result.bind(results),
    setContext: results.setContext.bind(results),
    context: results.context.bind(results),
    snapshot: messages.snapshot.bind(messages),
    importConversation: messages.importConversation.bind(messages),
    fork: forks.fork.bind(forks),
    branches: forks.branches.bind(forks),
    list: list.list.bind(list),
    search: list.search.bind(list),
    choice: choices.choice.bind(choices),
    choose: choices.choose.bind(choices),
    conversation: list.conversation.bind(list),
    rename: list.rename.bind(list),
    pin: list.pin.bind(list),
    remove: list.remove.bind(list),
    restore: list.restore.bind(list),
    sweep: sweeper.sweep.bind(sweeper),
    putSignIn: signIns.put.bind(signIns),
    getSignIn: signIns.get.bind(signIns),
    signInsOf: signIns.of.bind(signIns),
    signedIn: signIns.users.bind(signIns),
    extendSignIn: signIns.extend.bind(signIns),
    revoke: signIns.revoke.bind(signIns),
    putShare: shares.put.bind(shares),
    share: shares.byId.bind(shares),
    shareOf: shares.of.bind(shares),
    revokeShare: shares.revoke.bind(shares),
    noteReader: shares.noteReader.bind(shares),
    readersOf: shares.readersOf.bind(shares),
    forgetReader: shares.forgetReader.bind(shares),
    uploadIn: shares.uploadIn.bind(shares),
    take: charges.take.bind(charges),
    giveBack: charges.giveBack.bind(charges),
    spend: charges.spend.bind(charges),
    uses: charges.uses.bind(charges),
    usage: usage.usage.bind(usage),
    backup: (to: string) => copyTo(db, to),
    close: () => db.close(),
  };
}

/** Others are served between its steps. The copy appears under its name when it is whole. */
async function copyTo(db: DatabaseSync, to: string): Promise<void> {
  if (existsSync(to)) throw new Error(`${to} exists already; name a new file`);
  const part = `${to}.part`;
  rmSync(part, { force: true });
  await backup(db, part);
  const copy = new DatabaseSync(part);
  markCopy(copy);
  copy.close();
  renameSync(part, to);
}
