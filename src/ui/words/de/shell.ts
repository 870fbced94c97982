import type { Words } from '../words.ts';

export const shell: Words['shell'] = {
  titleWorking: (title) => `● Arbeitet – ${title}`,
  titleAsking: (title) => `(!) Erlauben? – ${title}`,
  titleDone: (title) => `✓ Fertig – ${title}`,
};
