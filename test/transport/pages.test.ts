import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { after, before, test } from 'node:test';
import { errorPages } from '../../src/transport/error-pages.ts';
import { loginPages } from '../../src/transport/login-pages.ts';
import { pageLanguage } from '../../src/transport/page-language.ts';
import { manyWrongSignIns, PAGES, type Page, tooManySignIns } from '../../src/transport/pages.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const asking = (language?: string) =>
  ({
    headers: language === undefined ? {} : { 'accept-language': language },
  }) as unknown as IncomingMessage;

const ASKED: readonly (readonly [string | undefined, string])[] = [
  ['de', 'de'],
  ['de-AT', 'de'],
  ['DE-ch, en;q=0.5', 'de'],
  ['fr, de;q=0.8, en;q=0.5', 'de'],
  ['en-GB, en;q=0.9, de;q=0.8', 'en'],
  ['de;q=0.2, en;q=0.8', 'en'],
  ['en;q=0, de;q=0.1', 'de'],
  ['de;q=0', 'en'],
  ['fr', 'en'],
  ['*', 'en'],
  ['', 'en'],
  [';;;q=x,,', 'en'],
  [`${'x,'.repeat(8_000)}de`, 'de'],
  [undefined, 'en'],
];
for (const [asked, language] of ASKED)
  test(`a browser that asks for “${asked?.slice(0, 40) ?? 'nothing'}” reads ${language}`, () => {
    assert.equal(pageLanguage(asking(asked)), language);
  });

const PLACES = ['/chat/login', '/chat/login?code=wrong', '/chat/shared'];
for (const place of PLACES)
  test(`${place} is German for who reads German, and says so to caches`, async () => {
    for (const [language, title] of [
      ['de', /<title>(?:Anmelden|Dieser Link ist verbraucht|Die Unterhaltung wird geöffnet …) · /],
      ['en', /<title>(?:Sign in|This link is used up|Opening the conversation…) · /],
    ] as const) {
      const { headers, ...answer } = await fetch(server.origin + place, {
        headers: { 'Accept-Language': language },
      }).then(async (it) => ({ headers: it.headers, html: await it.text() }));
      assert.equal(headers.get('content-language'), language);
      assert.equal(headers.get('vary'), 'Accept-Language');
      assert.match(answer.html, new RegExp(`^<!doctype html><html lang="${language}">`));
      assert.match(answer.html, title);
    }
  });

test('an address that leads nowhere is a page to a person, and a line to all else', async () => {
  const at = (headers: Record<string, string>) =>
    fetch(`${server.origin}/chat/nothing`, { headers });
  const page = await at({ Accept: 'text/html', 'Accept-Language': 'de' });
  assert.deepEqual([page.status, page.headers.get('content-language')], [404, 'de']);
  assert.match(await page.text(), /<h1>Hier ist nichts<\/h1>.*href="\/chat\/"/);
  const line = await at({ 'Accept-Language': 'de' });
  assert.deepEqual([line.status, await line.text()], [404, 'Not found\n']);
});

test('a fault is a page to a person, with its code, and JSON to all else', async () => {
  const form = (headers: Record<string, string>) =>
    fetch(`${server.origin}/chat/logout`, {
      method: 'POST',
      headers: { Origin: 'https://evil.example', ...headers },
    });
  const page = await form({ Accept: 'text/html', 'Accept-Language': 'de' });
  assert.equal(page.status, 403);
  assert.match(await page.text(), /Das hat nicht geklappt.*<code>origin\.refused<\/code>/);
  const json = (await (await form({})).json()) as { fault: string };
  assert.equal(json.fault, 'origin.refused');
});

const login = loginPages('/chat', new URL('https://forge.test'));
const errors = errorPages('/chat');
const ALL: Readonly<Record<string, Page>> = {
  ...PAGES,
  ...login,
  notAllowed: login.notAllowed('eve'),
  tooManyLinks: tooManySignIns(120_000),
  soon: tooManySignIns(1),
  manyWrong: manyWrongSignIns(120_000),
  nothing: errors.notFound,
  restarting: errors.of('server.restarting'),
  refused: errors.of('store.unavailable'),
};
for (const [name, { en, de }] of Object.entries(ALL))
  test(`${name} says the same in both languages`, () => {
    const marks = (html: string) => html.match(/<[^>]*>|\d+/g)?.map((it) => it.replace('de', 'en'));
    assert.deepEqual(marks(de), marks(en));
    const words = (html: string) => html.replace(/<style>.*<\/style>|<[^>]*>/g, ' ').trim();
    assert.notEqual(words(de), words(en));
    assert.doesNotMatch(words(de), /\b(?:du|dich|dir|dein\w*|the|your?|sign)\b|"/i);
  });
