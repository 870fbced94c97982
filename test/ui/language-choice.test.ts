import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deviceOf } from '../../src/ui/account/device-words.ts';
import { agoWords, onWords } from '../../src/ui/account/past-words.ts';
import { chosenLanguage, preferredLanguage } from '../../src/ui/words/language-choice.ts';
import { language, onSpoken, speak, words } from '../../src/ui/words/words.ts';

const page = { documentElement: { lang: '' } };
before(() => Object.assign(globalThis, { document: page }));
after(() => speak('en'));

test('what the reader chose comes first, then the first of the browser’s languages that the page speaks', () => {
  const cases = [
    [null, ['de-AT', 'en'], 'de'],
    [null, ['fr', 'DE'], 'de'],
    [null, ['en-GB', 'de'], 'en'],
    [null, ['fr'], 'en'],
    [null, [], 'en'],
    ['en', ['de'], 'en'],
    ['de', ['en'], 'de'],
  ] as const;
  for (const [chosen, browsers, language] of cases)
    assert.equal(preferredLanguage(chosen, browsers), language);
});

test('a choice that cannot be read, or is none, is as good as no choice', () => {
  const reading = (value: string | null) => chosenLanguage({ getItem: () => value });
  assert.equal(reading('de'), 'de');
  for (const value of [null, '', 'xx', '__proto__', 'constructor'])
    assert.equal(reading(value), null);
  assert.equal(chosenLanguage(null), null);
  const refusing = () => {
    throw new DOMException('no', 'SecurityError');
  };
  assert.equal(chosenLanguage({ getItem: refusing }), null);
});

test('the page’s language follows, whoever shows it hears of it, and of two wishes the last counts', async () => {
  let heard = 0;
  const deafen = onSpoken(() => {
    heard += 1;
  });
  await speak('de');
  assert.deepEqual([language, page.documentElement.lang, heard], ['de', 'de', 1]);
  await Promise.all([speak('en'), speak('de'), speak('en')]);
  assert.deepEqual([language, words.account.signOut], ['en', 'Sign out']);
  assert.equal(heard, 3);
  deafen();
  await speak('de');
  assert.equal(heard, 3);
});

test('devices and times are told in German as German tells them', async () => {
  await speak('de');
  const now = new Date(2026, 10, 25, 14).getTime();
  assert.equal(
    deviceOf('Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0').name,
    'Firefox unter Linux',
  );
  assert.equal(
    deviceOf('Mozilla/5.0 (iPhone) Version/26.0 Safari/604.1').name,
    'Safari auf dem iPhone',
  );
  assert.equal(agoWords(now, now), 'gerade eben');
  assert.equal(agoWords(now - 5 * 60_000, now), 'vor 5 Minuten');
  assert.equal(agoWords(now - 24 * 3_600_000, now), 'gestern');
  assert.equal(onWords(new Date(2026, 10, 25, 9, 5).getTime(), now), 'heute um 9:05');
  assert.match(onWords(new Date(2026, 10, 3).getTime(), now), /^am 3\. Nov/);
  const { signOutDevice, lastUsed } = words.account;
  assert.equal(
    signOutDevice('Chrome', lastUsed('vor 5 Minuten')),
    'Chrome abmelden, zuletzt benutzt vor 5 Minuten',
  );
});
