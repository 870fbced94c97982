import { testCapsule } from '../../support/capsules.ts';

const file = (name: string) => new URL(`../../fixtures/capsules/${name}`, import.meta.url);

testCapsule(
  '[OP6] an approval, an abort and a crash that a served conversation went through go the same way again',
  file('approval-abort-crash.json'),
  ['alive.awaitingApproval', 'alive.running', 'alive.interrupting', 'alive.running', 'dormant'],
);
