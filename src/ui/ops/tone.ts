export type Tone = 'good' | 'busy' | 'bad' | 'still';

const TONES: Readonly<Record<Exclude<Tone, 'still'>, readonly string[]>> = {
  good: ['running', 'streaming', 'delegating', 'answering', 'sent'],
  busy: [
    'throttled',
    'waiting',
    'queued',
    'asking',
    'awaitingApproval',
    'interrupting',
    'stopping',
    'starting',
    'admitted',
    'authenticating',
    'takingBack',
  ],
  bad: ['suspended', 'failed', 'troubled'],
};

/** How a state is shown, by the innermost of its names: at work, waiting for something, in trouble, or at rest. */
export function toneOf(state: string): Tone {
  const name = state.split('.').at(-1) ?? '';
  return (['good', 'busy', 'bad'] as const).find((tone) => TONES[tone].includes(name)) ?? 'still';
}
