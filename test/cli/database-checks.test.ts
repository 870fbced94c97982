/** `greenroom doctor` about a real PostgreSQL, each time with something that is not as it should be. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DATABASE_CHECKS, databaseSubject } from '../../src/cli/database-checks.ts';
import { runChecks } from '../../src/cli/findings.ts';
import { readConfig } from '../../src/config.ts';
import { type DatabaseFacts, examineDatabase } from '../../src/store/postgres/examine.ts';
import { SCHEMA_VERSION } from '../../src/store/postgres/schema.ts';
import { PostgresStore } from '../../src/store/postgres/store.ts';
import { Postgres } from '../support/postgres.ts';

const inherited = { PATH: process.env.PATH ?? '' };
const SETTINGS = { CHAT_COOKIE_SECRETS: 'a'.repeat(20) + 'b'.repeat(20), CHAT_NODE_ID: 'anna' };

function configOf(url: string) {
  const config = readConfig({ ...SETTINGS, CHAT_DATABASE_URL: url });
  return { ...config, databaseUrl: url };
}

async function checked(url: string, change: Partial<DatabaseFacts> | null = null) {
  const subject = databaseSubject(configOf(url), inherited);
  const { facts } = subject;
  const told = await runChecks(DATABASE_CHECKS, {
    ...subject,
    facts: async () => ({ ...(await facts()), ...change }),
  });
  return (name: string) => {
    const row = told.find((check) => check.name === name);
    assert.ok(row, name);
    return row;
  };
}

describe('doctor and the database', () => {
  let postgres: Postgres;
  let url: string;
  before(async () => {
    postgres = await Postgres.start({ settings: { fsync: 'on' } });
    url = await postgres.database();
  });
  after(() => postgres.remove());

  test('all is well, before there are tables and once servers are there', async () => {
    const empty = await checked(url);
    assert.match(empty('database').found, /^PostgreSQL \d+\.\d+, UTF8, without tables yet$/);
    assert.match(empty('servers').found, /^none is there; this one would be anna$/);
    for (const { name } of DATABASE_CHECKS) assert.equal(empty(name).state, 'ok', name);
    const settings = { url, poolMax: 2, timeoutMs: 5_000, leaseMs: 10_000 };
    const stores = [
      await PostgresStore.open({ ...settings, name: 'bert' }),
      await PostgresStore.open({ ...settings, name: 'anna' }),
    ];
    const there = await checked(url);
    assert.equal(there('servers').found, 'anna, bert', 'and the doctor is none of them');
    const twin = await PostgresStore.open({ ...settings, name: 'anna' });
    const three = await checked(url);
    assert.deepEqual(
      [three('servers').state, three('servers').mend],
      ['warn', 'give each its own CHAT_NODE_ID'],
    );
    for (const store of [...stores, twin]) await store.close();
    assert.match((await checked(url))('servers').found, /^none is there/);
  });

  test('a database that cannot be reached fails each check with words that help, and no password', async () => {
    const find = await checked(`postgres://u:secret@127.0.0.1:1/nothing`);
    assert.equal(find('database').state, 'fail');
    assert.match(find('database').found, /ECONNREFUSED/);
    assert.doesNotMatch(JSON.stringify(find('database')), /secret/);
    assert.match((await checked(`${url}_none`))('database').found, /does not exist/);
  });

  test('settings that lose what was shown are found', async () => {
    await postgres.query(`ALTER DATABASE ${url.split('/').at(-1)} SET synchronous_commit = off`);
    const off = await checked(url);
    assert.equal(off('database durability').state, 'warn');
    await postgres.query(`ALTER DATABASE ${url.split('/').at(-1)} RESET synchronous_commit`);
    const risky = await Postgres.start();
    const find = await checked(await risky.database());
    await risky.remove();
    assert.deepEqual(
      [find('database durability').state, find('database durability').found],
      ['fail', 'fsync off'],
    );
  });

  test('a role that may not make the tables is told before a server fails', async () => {
    await postgres.query('CREATE ROLE guest LOGIN');
    const guarded = await postgres.database();
    const find = await checked(guarded.replace('postgres@', 'guest@'));
    assert.equal(find('database').state, 'fail');
    assert.match(find('database').found, /may not make the tables/);
  });

  test('another encoding, and tables of a newer version, fail', async () => {
    await postgres.query("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
    assert.match((await checked(postgres.url('latin')))('database').found, /LATIN1/);
    const newer = await postgres.database();
    const name = newer.split('/').at(-1);
    await postgres.query('CREATE TABLE greenroom (version int)', name);
    await postgres.query('CREATE TABLE nodes (name text, dead bool, expires_at timestamptz)', name);
    await postgres.query(`INSERT INTO greenroom VALUES (${SCHEMA_VERSION + 1})`, name);
    assert.match((await checked(newer))('database').found, /of a newer Greenroom$/);
  });

  test('a listener elsewhere hears nothing, as one behind a pooler does', async () => {
    const facts = await examineDatabase(url, await postgres.database());
    assert.equal(facts.hears, false);
    assert.equal((await examineDatabase(url, url)).hears, true);
  });

  test('what this machine cannot show is judged by the figures', async () => {
    const old = await checked(url, { version: 140_012 });
    assert.equal(old('database').mend, 'run PostgreSQL 15 or later');
    assert.equal((await checked(url, { isStandby: true }))('database').state, 'fail');
    const far = await checked(url, { roundTripMs: 40, clockAheadMs: -600_000, connectionsMax: 5 });
    assert.equal(far('database latency').state, 'warn');
    assert.equal(far('clock').found, 'the database’s is 600.0 s behind');
    assert.equal(far('clock').state, 'warn');
    assert.equal(far('database connections').state, 'warn');
  });
});
