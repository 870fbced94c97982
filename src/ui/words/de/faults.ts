import type { Words } from '../words.ts';

export const faults: Words['faults'] = {};
