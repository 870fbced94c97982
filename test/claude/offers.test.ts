/** What is on offer, and what of it the CLI has words for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askIntroduction, readIntroduction } from '../../src/claude/introduction.ts';
import { NOTHING_CHOSEN } from '../../src/claude/launch.ts';
import { ClaudeOffers } from '../../src/claude/offers.ts';
import { launchOf, scripted } from './programs.ts';

const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'];
const TOLD = {
  models: [
    { value: 'default', resolvedModel: 'claude-opus-5-5', displayName: 'Default (recommended)' },
    {
      ...{ value: 'opus', resolvedModel: 'claude-opus-5-5', displayName: 'Opus' },
      ...{ supportsEffort: true, supportedEffortLevels: [...EFFORTS, '--dangerous'] },
    },
    { value: 'haiku', resolvedModel: 'claude-haiku-5-5', displayName: 'Haiku' },
  ],
  commands: [
    { name: 'compact', description: 'Free up context', argumentHint: '<how>' },
    { name: 'usage', description: 'Show cost', argumentHint: '', aliases: ['cost'] },
  ],
};

function offersOf(models: string[] | null, standard: string | null = null) {
  const settings = { claudeModel: standard, claudeModels: models, claudeCommands: ['cost', 'x'] };
  const offers = new ClaudeOffers(settings, true);
  offers.learn(readIntroduction(TOLD));
  return offers;
}

test('[CH1] models have the CLI’s names and efforts, and until it tells them their own ids', () => {
  const offers = offersOf(['claude-opus-5-5', 'haiku', 'other']);
  assert.deepEqual(offers.models, [
    { id: 'claude-opus-5-5', name: 'Opus', efforts: EFFORTS },
    { id: 'haiku', name: 'Haiku', efforts: [] },
    { id: 'other', name: 'other', efforts: [] },
  ]);
  const bare = new ClaudeOffers(
    { claudeModel: null, claudeModels: ['opus'], claudeCommands: null },
    false,
  );
  assert.deepEqual(bare.models, [{ id: 'opus', name: 'opus', efforts: [] }]);
});

test('[CH1] a command is known by its aliases, too', () => {
  assert.deepEqual(offersOf(null).commands, [
    { name: 'cost', description: 'Show cost', argumentHint: '' },
    { name: 'x', description: '', argumentHint: '' },
  ]);
});

test('[R57] what is not offered is not held', () => {
  const offers = offersOf(['opus', 'haiku'], 'opus');
  const holds = (change: object) => offers.holds({ ...NOTHING_CHOSEN, ...change });
  for (const change of [
    {},
    { model: 'haiku' },
    { model: 'opus', effort: 'max' },
    { effort: 'low' },
  ])
    assert.ok(holds(change), JSON.stringify(change));
  const bad = [{ model: 'sonnet' }, { model: '--x' }, { model: 'haiku', effort: 'low' }];
  for (const change of [
    ...bad,
    { effort: '--dangerous' },
    { effort: 'huge' },
    { repository: '../x' },
  ])
    assert.ok(!holds(change), JSON.stringify(change));
});

test('[R57] a kept choice that is no longer offered does not stand', () => {
  const kept = { model: 'opus', effort: 'max', repository: 'a/b' };
  assert.deepEqual(offersOf(['opus']).standing(kept), kept);
  assert.deepEqual(offersOf(['haiku']).standing(kept), { ...NOTHING_CHOSEN, repository: 'a/b' });
  assert.deepEqual(offersOf(null).standing(kept), { ...NOTHING_CHOSEN, repository: 'a/b' });
  const odd = { ...kept, effort: '--dangerous' };
  assert.equal(offersOf(['opus']).standing(odd).effort, null);
});

test('a CLI that ends without an answer has told nothing', { timeout: 20_000 }, async () => {
  const silent = launchOf(['/bin/true'], { PATH: process.env.PATH ?? '' });
  assert.equal(await askIntroduction(silent), null);
  const ready = launchOf(scripted({ initialize: ['ready'] }), { PATH: process.env.PATH ?? '' });
  assert.deepEqual(await askIntroduction(ready), { models: [], commands: [] });
});
