/** The settings about what operators see. */
import { httpUrl, integer, setting } from './settings.ts';

export const OPS_SETTINGS = {
  capsulesMax: integer(
    'CHAT_CAPSULES_MAX',
    'recordings of conversations and sessions kept in the data directory, the newest; they hold no words. 0: none are kept',
    'capsules',
    { initial: 50, min: 0, max: 1_000 },
  ),
  inspectorUrl: setting<URL | null>(
    'CHAT_INSPECTOR_URL',
    'where a Stately inspector is, for operators to open beside the actors, as https://stately.ai/inspect: it is told states and event types, from the operator’s browser; unset: it is off',
    'an http or https URL',
    null,
    null,
    httpUrl,
  ),
};
